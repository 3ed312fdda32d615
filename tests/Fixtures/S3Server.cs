using System.Diagnostics;
using Amazon.S3;
using Grid.Storage;
using Grid.Storage.S3;
using Xunit;

namespace Grid.Fixtures;

/// <summary>
/// An S3 server on the loopback: OpenStack Swift with its S3 interface, in a process of its own (<c>swift_s3.py</c>); or the one that
/// <c>GRID_TEST_S3_ENDPOINT</c> names, with <c>GRID_TEST_S3_BUCKET</c> and the keys in <c>AWS_ACCESS_KEY_ID</c> and <c>AWS_SECRET_ACCESS_KEY</c>.
/// </summary>
public sealed class S3Server : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("grid-s3-").FullName;
    private Process? _process;

    public S3Options Options { get; private set; } = null!;

    /// <summary>The most that one request puts or copies; null for what the server does by itself (5 GiB).</summary>
    public long? LargestRequestBytes { get; init; }

    public S3ObjectStore Open(Action<S3Options>? change = null)
    {
        var options = new S3Options
        {
            Endpoint = Options.Endpoint,
            Bucket = Options.Bucket,
            AccessKeyId = Options.AccessKeyId,
            SecretAccessKey = Options.SecretAccessKey,
            PartBytes = 5 << 20,
        };
        change?.Invoke(options);
        return new S3ObjectStore(options);
    }

    public async Task InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("GRID_TEST_S3_ENDPOINT") is { Length: > 0 } named)
        {
            Options = new S3Options { Endpoint = named, Bucket = Environment.GetEnvironmentVariable("GRID_TEST_S3_BUCKET") };
            return;
        }

        const string account = "test:tester", secret = "testing";
        string[] limit = LargestRequestBytes is { } bytes ? [bytes.ToString(System.Globalization.CultureInfo.InvariantCulture)] : [];
        _process = Process.Start(new ProcessStartInfo("/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "swift_s3.py"), _folder, account, secret, .. limit])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var address = await _process.StandardOutput.ReadLineAsync()
            ?? throw new InvalidOperationException("The S3 server ended at its start; it needs Debian's packages swift and python3-swift.");
        Options = new S3Options { Endpoint = address, Bucket = "grid-tests", AccessKeyId = account, SecretAccessKey = secret };
        using var client = new AmazonS3Client(account, secret, new AmazonS3Config { ServiceURL = address, ForcePathStyle = true, AuthenticationRegion = "us-east-1" });
        await client.PutBucketAsync(Options.Bucket);
    }

    public async Task DisposeAsync()
    {
        if (_process is not null)
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }
}
