using Grid.Interfaces.Catalogue;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Grid.Frontend.Entrepot.Uploads;

/// <summary>The part <c>file</c> of a multipart body (RFC 7578), opened without reading it.</summary>
/// <param name="FileName">The last segment of the part's file name.</param>
/// <param name="Content">The bytes; reading fails when the body ends before the part does.</param>
public sealed record FilePart(string FileName, Stream Content)
{
    private const int MaxBoundaryLength = 200, MaxPartsBefore = 32, MaxFieldBytes = 64 * 1024;

    /// <summary>Goes to the part, passing over form fields before it.</summary>
    /// <exception cref="InvalidInputException">The body is not multipart, or has no such part.</exception>
    public static async Task<FilePart> OpenAsync(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            throw new InvalidInputException($"Content-Type \"{request.ContentType}\": a body of multipart/form-data with a part \"file\" is expected.");
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
        if (string.IsNullOrEmpty(boundary) || boundary.Length > MaxBoundaryLength)
            throw new InvalidInputException("The multipart body has no boundary, or one that is too long.");
        var reader = new MultipartReader(boundary, request.Body) { BodyLengthLimit = null };
        try
        {
            for (var parts = 0; parts < MaxPartsBefore && await reader.ReadNextSectionAsync(request.HttpContext.RequestAborted) is { } section; parts++)
            {
                if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition))
                    continue;
                if (HeaderUtilities.RemoveQuotes(disposition.Name) == "file")
                    return new FilePart(NameOf(disposition), section.Body);
                await PassOverAsync(section.Body, request.HttpContext.RequestAborted);
            }
        }
        catch (Exception wrong) when (wrong is InvalidDataException || (wrong is IOException and not BadHttpRequestException && !request.HttpContext.RequestAborted.IsCancellationRequested))
        {
            throw new InvalidInputException($"The multipart body cannot be read: {wrong.Message}");
        }

        throw new InvalidInputException("The multipart body has no part named \"file\".");
    }

    private static string NameOf(ContentDispositionHeaderValue disposition)
    {
        var name = disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName;
        var text = HeaderUtilities.RemoveQuotes(name).ToString();
        return text[(text.LastIndexOfAny(['/', '\\']) + 1)..];
    }

    private static async Task PassOverAsync(Stream field, CancellationToken cancellation)
    {
        var buffer = new byte[4096];
        var length = 0;
        for (int read; (read = await field.ReadAsync(buffer, cancellation)) > 0;)
        {
            if ((length += read) > MaxFieldBytes)
                throw new InvalidInputException($"A form field before the part \"file\" is longer than {MaxFieldBytes} bytes.");
        }
    }
}
