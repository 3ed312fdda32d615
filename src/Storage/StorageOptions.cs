namespace Grid.Storage;

/// <summary>Which kind of store holds the objects.</summary>
public enum StorageKind
{
    /// <summary>A local or shared folder.</summary>
    Folder,

    /// <summary>A bucket of any service that speaks Amazon's S3 protocol.</summary>
    S3,
}

/// <summary>A setting of the storage is missing or impossible; the message names its key.</summary>
public sealed class StorageOptionsException(string message) : ArgumentException(message);

/// <summary>Where objects live. Bound from the section <c>Grid:Storage</c>; secrets come from environment variables only.</summary>
public sealed class StorageOptions
{
    private static readonly System.Buffers.SearchValues<char> NameLetters = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    /// <summary>Folder (default) or S3.</summary>
    public StorageKind Kind { get; set; } = StorageKind.Folder;

    /// <summary>The folder of a folder store; needed then.</summary>
    public string? Folder { get; set; }

    /// <summary>
    /// Whether a folder store's put waits for the device. Default true: what was answered survives a power cut. False writes small objects many times
    /// faster; a crash of the process alone still loses nothing.
    /// </summary>
    public bool FlushToDisk { get; set; } = true;

    /// <summary>Files that a folder store keeps open for range reads, 1 to 100,000. Default 512. Each costs a file descriptor and saves an open and a close a read.</summary>
    public int OpenFiles { get; set; } = 512;

    /// <summary>The bucket's settings, for an S3 store.</summary>
    public S3Options S3 { get; set; } = new();

    /// <summary>
    /// More stores by name (small letters, digits and <c>-</c>), for pyramids alone: those whose storage tags name one, and copies. Their settings are as this
    /// one's own, without others.
    /// </summary>
    public Dictionary<string, StorageOptions> Others { get; set; } = [];

    /// <summary>
    /// Only of a store of <see cref="Others"/>: true for one that others write, such as the bucket or folder of a ROK4 server, which <c>Grid:Rok4</c> reads; its
    /// objects have the keys that they have there, and nothing is ever written to it. Default false.
    /// </summary>
    public bool Foreign { get; set; }

    /// <summary>Throws <see cref="StorageOptionsException"/>, which names the setting, unless a store can be opened from these.</summary>
    public void Validate()
    {
        foreach (var (name, other) in Others)
        {
            if (name.Length is 0 or > 40 || name.AsSpan().ContainsAnyExcept(NameLetters) || other.Others.Count > 0)
                throw new StorageOptionsException($"Grid:Storage:Others:{name}: a store has a name of small letters, digits and \"-\", 40 at most, and no others of its own.");
            try
            {
                other.Validate();
            }
            catch (StorageOptionsException wrong)
            {
                throw new StorageOptionsException($"The store {name} of Grid:Storage:Others: {wrong.Message}");
            }
        }

        switch (Kind)
        {
            case StorageKind.Folder:
                if (string.IsNullOrWhiteSpace(Folder))
                    throw new StorageOptionsException("Grid:Storage:Folder is not set: name the folder that holds the objects.");
                InRange("Grid:Storage:OpenFiles", OpenFiles, 1, 100_000);
                break;
            case StorageKind.S3:
                S3.Validate();
                break;
            default:
                throw new StorageOptionsException($"Grid:Storage:Kind is {Kind}: it is Folder or S3.");
        }
    }

    internal static void InRange(string name, double value, double least, double most)
    {
        if (!(value >= least && value <= most))
            throw new StorageOptionsException(FormattableString.Invariant($"{name} is {value}: it goes from {least} to {most}."));
    }
}

/// <summary>A bucket and how to reach it.</summary>
public sealed class S3Options
{
    /// <summary>The service's address, such as <c>http://127.0.0.1:9000</c>; null for Amazon's own in <see cref="Region"/>.</summary>
    public string? Endpoint { get; set; }

    /// <summary>The bucket, which exists already.</summary>
    public string? Bucket { get; set; }

    /// <summary>The region that requests are signed for. Default us-east-1, which most servers outside Amazon take.</summary>
    public string Region { get; set; } = "us-east-1";

    /// <summary>Whether the bucket is named in the path (default; what servers outside Amazon expect) or in the host name.</summary>
    public bool PathStyle { get; set; } = true;

    /// <summary>The access key. Null: the environment's <c>AWS_ACCESS_KEY_ID</c>.</summary>
    public string? AccessKeyId { get; set; }

    /// <summary>The secret key; set it by an environment variable. Null: the environment's <c>AWS_SECRET_ACCESS_KEY</c>.</summary>
    public string? SecretAccessKey { get; set; }

    /// <summary>The session token of temporary keys. Null: the environment's <c>AWS_SESSION_TOKEN</c>, if any.</summary>
    public string? SessionToken { get; set; }

    /// <summary>Bytes of one part of a multipart upload, 5 MiB to 1 GiB. Default 8 MiB. A put of a stream holds <see cref="PartsInFlight"/> parts in memory.</summary>
    public int PartBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>Parts of one upload sent at once, 1 to 32. Default 3.</summary>
    public int PartsInFlight { get; set; } = 3;

    /// <summary>Seconds after which a request without an answer fails, 1 to 3600. Default 100.</summary>
    public int TimeoutSeconds { get; set; } = 100;

    /// <summary>How often a failed request is tried again, with growing pauses, 0 to 20. Default 4.</summary>
    public int Retries { get; set; } = 4;

    internal string ResolvedAccessKeyId => Resolved("Grid:Storage:S3:AccessKeyId", AccessKeyId, "AWS_ACCESS_KEY_ID");

    internal string ResolvedSecretAccessKey => Resolved("Grid:Storage:S3:SecretAccessKey", SecretAccessKey, "AWS_SECRET_ACCESS_KEY");

    // The environment's token belongs to the environment's key, never to one given here.
    internal string? ResolvedSessionToken =>
        SessionToken ?? (AccessKeyId is null ? Environment.GetEnvironmentVariable("AWS_SESSION_TOKEN") : null);

    internal void Validate()
    {
        if (Endpoint is not null
            && !(Uri.TryCreate(Endpoint, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.AbsolutePath == "/" && uri.UserInfo == ""))
            throw new StorageOptionsException("Grid:Storage:S3:Endpoint is not an http or https address without path or user name.");
        if (string.IsNullOrWhiteSpace(Bucket) || Bucket.Contains('/'))
            throw new StorageOptionsException($"Grid:Storage:S3:Bucket is \"{Bucket}\": name a bucket.");
        if (string.IsNullOrWhiteSpace(Region))
            throw new StorageOptionsException("Grid:Storage:S3:Region is empty.");
        StorageOptions.InRange("Grid:Storage:S3:PartBytes", PartBytes, 5 << 20, 1 << 30);
        StorageOptions.InRange("Grid:Storage:S3:PartsInFlight", PartsInFlight, 1, 32);
        StorageOptions.InRange("Grid:Storage:S3:TimeoutSeconds", TimeoutSeconds, 1, 3600);
        StorageOptions.InRange("Grid:Storage:S3:Retries", Retries, 0, 20);
        _ = ResolvedAccessKeyId;
        _ = ResolvedSecretAccessKey;
    }

    private static string Resolved(string name, string? value, string variable)
    {
        value = string.IsNullOrEmpty(value) ? Environment.GetEnvironmentVariable(variable) : value;
        return !string.IsNullOrEmpty(value) ? value : throw new StorageOptionsException($"Neither {name} nor the environment variable {variable} is set.");
    }
}
