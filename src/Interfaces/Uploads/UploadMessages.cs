using Grid.Interfaces.Catalogue;
using Orleans;

namespace Grid.Interfaces.Uploads;

/// <summary>What an upload's file is: delivered data, or a list of MD5 digests.</summary>
[GenerateSerializer, Alias("grid.file-kind")]
public enum FileKind
{
    Data,
    Md5,
}

/// <summary>A request for a new upload.</summary>
/// <param name="TypeInfosJson">The object <c>type_infos</c>, or null.</param>
[GenerateSerializer, Alias("grid.new-upload"), Immutable]
public sealed record NewUpload(
    [property: Id(0)] Guid Datastore,
    [property: Id(1)] string Name,
    [property: Id(2)] string Description,
    [property: Id(3)] string Type,
    [property: Id(4)] string Srs,
    [property: Id(5)] string Contact,
    [property: Id(6)] string? TypeInfosJson,
    [property: Id(7)] Initiator Initiator);

/// <summary>Changes of an upload's description; null leaves a member as it is.</summary>
/// <param name="ExtentJson">A GeoJSON geometry.</param>
/// <param name="ExtraJson">The free object, replaced as a whole.</param>
[GenerateSerializer, Alias("grid.upload-patch"), Immutable]
public sealed record UploadPatch(
    [property: Id(0)] string? Name,
    [property: Id(1)] string? Description,
    [property: Id(2)] string? Srs,
    [property: Id(3)] bool? Open,
    [property: Id(4)] string? ExtentJson,
    [property: Id(5)] string? ExtraJson);

/// <summary>Leave to stream one file.</summary>
/// <param name="MaxBytes">What the quota leaves for it.</param>
[GenerateSerializer, Alias("grid.delivery-ticket"), Immutable]
public sealed record DeliveryTicket([property: Id(0)] Guid Id, [property: Id(1)] string ObjectKey, [property: Id(2)] long MaxBytes);

/// <summary>A file that has been stored whole.</summary>
/// <param name="ETag">The object's, as the store gave it.</param>
/// <param name="Md5">Of the bytes received, lower-case hexadecimal.</param>
[GenerateSerializer, Alias("grid.delivered-file"), Immutable]
public sealed record DeliveredFile([property: Id(0)] long SizeBytes, [property: Id(1)] string ETag, [property: Id(2)] string Md5);
