using System.Text;
using Grid.Frontend.Tms;
using Grid.Frontend.Wmts;
using Grid.Ogc.Ows;
using Grid.Ogc.Tms;
using Microsoft.AspNetCore.WebUtilities;

namespace Grid.Frontend.Tiles.Transport;

/// <summary>What each service says where there is no tile, or when too many are asked for; made once, so that a refusal costs less than a tile.</summary>
internal sealed class TileErrors
{
    private readonly Error _wmtsMissing, _wmtsRefused, _tmsMissing, _tmsRefused;

    public TileErrors(ServingOptions options)
    {
        const string Missing = $"Cache-Control: {TileResponse.NotFoundCacheControl}\r\n";
        var refused = $"Cache-Control: no-store\r\nRetry-After: {options.RetryAfterHeader}\r\n";
        _wmtsMissing = new Error(OwsError.NoData.HttpStatus, OwsExceptionReport.MimeType, Missing, OwsExceptionReport.Write(OwsError.NoData));
        _wmtsRefused = new Error(WmtsEndpoints.Unavailable.HttpStatus, OwsExceptionReport.MimeType, refused, OwsExceptionReport.Write(WmtsEndpoints.Unavailable));
        _tmsMissing = new Error(StatusCodes.Status404NotFound, TmsDocuments.XmlMimeType, Missing, TmsDocuments.Error(TmsEndpoints.NoData));
        _tmsRefused = new Error(StatusCodes.Status503ServiceUnavailable, TmsDocuments.XmlMimeType, refused, TmsDocuments.Error(TileResponse.Unavailable));
    }

    /// <summary>What to answer to a request instead of a tile that does not exist or was refused.</summary>
    public Error Of(in TileRequest request, HotTile tile) => tile == HotTile.Refused
        ? request.IsTms ? _tmsRefused : _wmtsRefused
        : request.IsTms ? _tmsMissing : _wmtsMissing;

    /// <summary>Status line and headers but the date, and the body.</summary>
    internal sealed class Error(int status, string mimeType, string headers, byte[] body)
    {
        public byte[] Head { get; } = Encoding.ASCII.GetBytes(
            $"HTTP/1.1 {status} {ReasonPhrases.GetReasonPhrase(status)}\r\nContent-Length: {body.Length}\r\nContent-Type: {mimeType}\r\n{headers}"
            + $"Access-Control-Allow-Origin: *\r\nAccess-Control-Expose-Headers: {Cors.Exposed}\r\n");

        public byte[] Body => body;
    }
}
