using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Grid.Benchmarks.Serving;

/// <summary>Tiles by HTTP/2 over TLS: h2load with 32 connections of eight streams on the cores that the server has too.</summary>
internal static partial class Http2Load
{
    /// <summary>The settings of a server that speaks HTTPS with a certificate that is made for it.</summary>
    public static string[] MakeCertificate(string folder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var (file, keyFile) = (Path.Combine(folder, "certificate.pem"), Path.Combine(folder, "key.pem"));
        File.WriteAllText(file, certificate.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        return [$"Kestrel:Certificates:Default:Path={file}", $"Kestrel:Certificates:Default:KeyPath={keyFile}"];
    }

    /// <summary>Plays a list of addresses; throws when a request was not answered with 200.</summary>
    public static async Task<JsonObject> RunAsync(string folder, Uri address, int process, IEnumerable<string> paths, int seconds)
    {
        if (!MeasuredProcess.IsInstalled("h2load"))
            return new JsonObject { ["missing"] = "h2load is not installed (Debian package nghttp2-client)" };
        var list = Path.Combine(folder, "tiles-https.txt");
        await File.WriteAllLinesAsync(list, paths.Select(path => new Uri(address, path).AbsoluteUri));
        await LoadAsync(2);
        var before = MeasuredProcess.TreeCpuSeconds(process);
        var output = await LoadAsync(seconds);
        var cpu = MeasuredProcess.TreeCpuSeconds(process) - before;
        var requests = Requests().Match(output);
        var (done, succeeded) = (Number(requests.Groups[1]), Number(requests.Groups[2]));
        if (done == 0 || done != succeeded)
            throw new InvalidOperationException($"{done - succeeded} of {done} requests to {address} failed: {output}");
        return new JsonObject { ["rps"] = Math.Round(done / seconds), ["server_cpu_us"] = Math.Round(cpu / done * 1e6, 1) };

        async Task<string> LoadAsync(int some)
        {
            var run = await MeasuredProcess.RunAsync("h2load", ["-t2", "-c32", "-m8", "-D", $"{some}", "-i", list]);
            return run.Output;
        }

        static double Number(Group group) => group.Success ? double.Parse(group.ValueSpan, CultureInfo.InvariantCulture) : 0;
    }

    [GeneratedRegex(@"requests: .* (\d+) done, (\d+) succeeded")]
    private static partial Regex Requests();
}
