using System.Diagnostics.CodeAnalysis;

namespace Grid.Frontend.Maps;

/// <summary>Lists of addresses in settings, each of which stands for itself and all below it.</summary>
internal static class AllowedAddresses
{
    /// <summary>Whether an http or https address, without user and fragment, is one of the list or below one; null is an empty list.</summary>
    public static bool Have(IReadOnlyList<string>? list, string address) => TryParse(address, out var asked) && (list ?? []).Any(one => TryParse(one, out var allowed)
        && Uri.Compare(asked, allowed, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0
        && (asked.AbsolutePath == allowed.AbsolutePath || asked.AbsolutePath.StartsWith(allowed.AbsolutePath.TrimEnd('/') + "/", StringComparison.Ordinal)));

    /// <summary>Throws <see cref="ArgumentException"/>, which names the setting, unless all of a list are addresses.</summary>
    public static void Validate(string setting, IReadOnlyList<string>? list)
    {
        if ((list ?? []).FirstOrDefault(one => !TryParse(one, out var parsed) || parsed.Query.Length > 0) is { } wrong)
            throw new ArgumentException($"{setting} has \"{wrong}\": http and https addresses without user, query and fragment are allowed.");
    }

    private static bool TryParse(string address, [NotNullWhen(true)] out Uri? parsed) =>
        Uri.TryCreate(address, UriKind.Absolute, out parsed) && parsed.Scheme is "http" or "https" && parsed!.UserInfo.Length + parsed.Fragment.Length == 0;
}
