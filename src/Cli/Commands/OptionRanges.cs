using System.CommandLine;
using System.Globalization;

namespace Grid.Cli.Commands;

/// <summary>Ranges of options that are numbers: a value outside is told with the range, before anything is done.</summary>
internal static class OptionRanges
{
    /// <summary>The option, which takes values from <paramref name="least"/> to <paramref name="most"/> only; NaN is none of them.</summary>
    public static Option<T> Within<T>(this Option<T> option, T least, T most)
        where T : struct, IComparable<T>
    {
        Check(option, text => option.Name + Outside(text, least, most));
        return option;
    }

    /// <summary>The same of an option that may be absent.</summary>
    public static Option<T?> Within<T>(this Option<T?> option, T least, T most)
        where T : struct, IComparable<T>
    {
        Check(option, text => option.Name + Outside(text, least, most));
        return option;
    }

    /// <summary>The same of each of several values.</summary>
    public static Option<T[]> Within<T>(this Option<T[]> option, T least, T most)
        where T : struct, IComparable<T>
    {
        Check(option, text => option.Name + Outside(text, least, most));
        return option;
    }

    private static void Check(Option option, Func<string, string> sentence)
    {
        option.Validators.Add(given =>
        {
            foreach (var token in given.Tokens)
            {
                if (sentence(token.Value) is var told && told != option.Name)
                {
                    given.AddError(told);
                    return;
                }
            }
        });
    }

    // Words are left to the parser, which says so itself.
    private static string Outside<T>(string text, T least, T most)
        where T : struct, IComparable<T>
    {
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            return "";
        double low = Convert.ToDouble(least, CultureInfo.InvariantCulture), high = Convert.ToDouble(most, CultureInfo.InvariantCulture);
        return number >= low && number <= high ? "" : string.Create(CultureInfo.InvariantCulture, $" is {text}: it goes from {low} to {high}.");
    }
}
