using Amazon;
using Amazon.Runtime;
using Amazon.S3;

namespace Grid.Storage.S3;

/// <summary>What the settings of a bucket mean for the SDK and for GDAL.</summary>
internal static class S3Clients
{
    public static AmazonS3Client Open(S3Options options)
    {
        var config = new AmazonS3Config
        {
            ForcePathStyle = options.PathStyle,
            AuthenticationRegion = options.Region,
            MaxErrorRetry = options.Retries,
            Timeout = TimeSpan.FromSeconds(options.TimeoutSeconds),
            // The SDK's own default is to add checksum trailers that most servers outside Amazon refuse.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (options.Endpoint is not null)
            config.ServiceURL = options.Endpoint;
        else
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(options.Region);
        AWSCredentials credentials = options.ResolvedSessionToken is { Length: > 0 } token
            ? new SessionAWSCredentials(options.ResolvedAccessKeyId, options.ResolvedSecretAccessKey, token)
            : new BasicAWSCredentials(options.ResolvedAccessKeyId, options.ResolvedSecretAccessKey);
        return new AmazonS3Client(credentials, config);
    }

    /// <summary>GDAL's own options of its <c>/vsis3/</c> file system (GDAL documentation, "Virtual File Systems", /vsis3/).</summary>
    public static IReadOnlyDictionary<string, string> GdalOptions(S3Options options)
    {
        var gdal = new Dictionary<string, string>
        {
            ["AWS_REGION"] = options.Region,
            ["AWS_VIRTUAL_HOSTING"] = options.PathStyle ? "FALSE" : "TRUE",
            ["AWS_ACCESS_KEY_ID"] = options.ResolvedAccessKeyId,
            ["AWS_SECRET_ACCESS_KEY"] = options.ResolvedSecretAccessKey,
            ["GDAL_DISABLE_READDIR_ON_OPEN"] = "EMPTY_DIR",
        };
        if (options.ResolvedSessionToken is { Length: > 0 } token)
            gdal["AWS_SESSION_TOKEN"] = token;
        if (options.Endpoint is not null)
        {
            var uri = new Uri(options.Endpoint);
            gdal["AWS_S3_ENDPOINT"] = uri.Authority;
            gdal["AWS_HTTPS"] = uri.Scheme == "https" ? "YES" : "NO";
        }

        return gdal;
    }
}
