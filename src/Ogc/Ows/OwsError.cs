namespace Grid.Ogc.Ows;

/// <summary>Why a request is refused, in the words of OWS Common 06-121r3 § 8.</summary>
/// <param name="Code">For example <c>InvalidParameterValue</c>.</param>
/// <param name="Locator">The parameter at fault, or null.</param>
/// <param name="Text">A sentence with the value, the object and what is allowed.</param>
/// <param name="HttpStatus">The status that goes with it.</param>
public sealed record OwsError(string Code, string? Locator, string Text, int HttpStatus = 400)
{
    /// <summary>The code of 404 answers in the production-compatible mode, as ROK4 writes it.</summary>
    public const string NotFoundCode = "Not Found";

    public static OwsError Missing(string parameter) =>
        new("MissingParameterValue", parameter, $"Parameter {parameter} is missing or empty.");

    public static OwsError Invalid(string parameter, string value, string allowed) =>
        new("InvalidParameterValue", parameter, $"Parameter {parameter} is \"{Shorten(value)}\": {allowed}.");

    /// <summary>No tile there: outside the layer's limits, or a hole inside them.</summary>
    public static OwsError NoData { get; } = new(NotFoundCode, null, "No data found.", 404);

    internal static string Shorten(string value) => value.Length <= 100 ? value : value[..100] + "…";
}
