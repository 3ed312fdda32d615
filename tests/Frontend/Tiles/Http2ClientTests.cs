using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grid.Fixtures;

namespace Grid.Frontend.Tests.Tiles;

/// <summary>Tiles by HTTP/2 to curl and h2load, with TLS and without, over endpoints and a certificate that settings name.</summary>
public sealed class Http2ClientTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("grid-http2-").FullName;

    [Fact]
    public async Task Curl_gets_tiles_by_either_version_with_the_certificate_of_the_settings_and_by_http_2_with_prior_knowledge()
    {
        var (host, encrypted, plain) = await StartAsync();
        await using var started = host;
        var tile = await host.Http.GetStringAsync(TileHost.Kvp(3, 3));
        foreach (var (address, option, version) in new[] { (encrypted, "--http2", "2"), (encrypted, "--http1.1", "1.1"), (plain, "--http2-prior-knowledge", "2") })
        {
            string[] common = ["-s", "-m", "60", option, "--cacert", Certificate];
            Assert.Equal($"{tile}\n{version} 200 image/png", await CurlAsync([.. common, "-w", @"\n%{http_version} %{http_code} %{content_type}", address + TileHost.Kvp(3, 3)]));
            var missing = await CurlAsync([.. common, "-w", @"\n%{http_code}", address + TileHost.Tms(3, 333)]);
            Assert.Contains("TileMapServerError", missing);
            Assert.EndsWith("\n404", missing);
            // What the client has is not sent again.
            var head = await CurlAsync([.. common, "-I", address + TileHost.Kvp(3, 3)]);
            var tag = head.Split('\n').Single(line => line.StartsWith("etag:", StringComparison.OrdinalIgnoreCase))[5..].Trim();
            Assert.Equal("304", await CurlAsync([.. common, "-H", $"If-None-Match: {tag}", "-w", "%{http_code}", address + TileHost.Kvp(3, 3)]));
        }
    }

    [Fact]
    public async Task H2load_has_every_request_of_many_streams_answered_while_others_are_served()
    {
        var (host, encrypted, plain) = await StartAsync();
        await using var started = host;
        foreach (var address in new[] { encrypted, plain })
        {
            var load = Programs.RunAsync("h2load", ["-n", "6000", "-c", "20", "-m", "16", address + TileHost.Kvp(3, 3)]);
            do
            {
                Assert.Equal(HttpStatusCode.OK, (await host.Http.GetAsync(TileHost.Rest(5, 5))).StatusCode);
            }
            while (!load.IsCompleted);
            var run = (await load).Expect();
            Assert.Contains("6000 total, 6000 started, 6000 done, 6000 succeeded, 0 failed, 0 errored, 0 timeout", run);
            Assert.Contains("6000 2xx", run);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Certificate => Path.Combine(_folder, "certificate.pem");

    private static async Task<string> CurlAsync(IEnumerable<string> arguments) => (await Programs.RunAsync("curl", arguments)).Expect();

    private async Task<(TileHost Host, string Encrypted, string Plain)> StartAsync()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await File.WriteAllTextAsync(Certificate, certificate.ExportCertificatePem());
        var keyFile = Path.Combine(_folder, "key.pem");
        await File.WriteAllTextAsync(keyFile, key.ExportPkcs8PrivateKeyPem());
        var (encrypted, plain) = ($"https://127.0.0.1:{RunningGrid.FreePort()}", $"http://127.0.0.1:{RunningGrid.FreePort()}");
        var host = await TileHost.StartAsync(
            ("Kestrel:Certificates:Default:Path", Certificate), ("Kestrel:Certificates:Default:KeyPath", keyFile), ("Kestrel:Endpoints:Encrypted:Url", encrypted),
            ("Kestrel:Endpoints:Plain:Url", plain), ("Kestrel:Endpoints:Plain:Protocols", "Http2"));
        return (host, encrypted, plain);
    }
}
