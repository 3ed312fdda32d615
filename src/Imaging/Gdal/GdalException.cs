using System.Runtime.InteropServices;

namespace Grid.Imaging.Gdal;

/// <summary>A call to GDAL that failed, with the sentence GDAL gave on the calling thread.</summary>
/// <param name="operation">The C function.</param>
/// <param name="subject">The raster or CRS it was called for.</param>
/// <param name="explanation">GDAL's own sentence.</param>
public sealed class GdalException(string operation, string subject, string explanation)
    : Exception($"{operation} of {subject}: {explanation}")
{
    public string Operation { get; } = operation;

    public string Subject { get; } = subject;

    public string Explanation { get; } = explanation;
}

/// <summary>GDAL's error state of the calling thread (cpl_error.h): reset before a call, read after it.</summary>
internal static class GdalErrors
{
    private const int Warning = 2;

    internal static void Reset() => GdalNative.CPLErrorReset();

    /// <summary>The last message, or null when the calls since <see cref="Reset"/> reported nothing, not even a warning.</summary>
    internal static string? LastMessage
    {
        get
        {
            if (GdalNative.CPLGetLastErrorType() < Warning)
                return null;
            var text = Marshal.PtrToStringUTF8(GdalNative.CPLGetLastErrorMsg());
            return string.IsNullOrWhiteSpace(text) ? $"error {GdalNative.CPLGetLastErrorNo()}" : text.Trim().ReplaceLineEndings(" ");
        }
    }

    internal static GdalException Failure(string operation, string subject) =>
        new(operation, subject, LastMessage ?? "no reason given");
}
