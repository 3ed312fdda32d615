using System.Diagnostics;
using System.Text.RegularExpressions;
using Grid.Frontend.Tests.Settings;
using YamlDotNet.RepresentationModel;

namespace Grid.Frontend.Tests.Deploy;

/// <summary>What deploy/ says of the programs is so, and its parts fit each other; the judges are the formats' own tools where they are installed.</summary>
public sealed partial class DeployTests
{
    private static readonly string[] s_kubernetes = ["namespace.yaml", "config.yaml", "silo.yaml", "frontend.yaml"];

    [Fact]
    public void Every_yaml_file_parses() => Assert.All(DeployFiles.Yaml, file => Assert.NotEmpty(DeployFiles.Documents(file)));

    [Fact]
    public void Every_setting_that_is_named_is_an_option()
    {
        var options = ExampleSettingsTests.Defaults().Keys.Select(key => key.Replace(":", "__")).ToHashSet(StringComparer.Ordinal);
        var named = Directory.EnumerateFiles(DeployFiles.Folder, "*", SearchOption.AllDirectories)
            .SelectMany(file => Setting().Matches(File.ReadAllText(file)).Select(match => (File: Path.GetFileName(file), match.Value))).Distinct().ToList();
        Assert.True(named.Count > 20, $"{named.Count} settings");
        Assert.All(named, setting => Assert.True(options.Contains(PlaceInList().Replace(setting.Value, "")), $"{setting.File} names {setting.Value}, which is no option"));
    }

    [Fact]
    public void Parts_of_the_composition_name_parts_that_are_there()
    {
        var compose = Assert.Single(DeployFiles.Documents("compose.yaml"));
        var services = compose.Members("services").ToDictionary();
        var volumes = compose.Members("volumes").Select(volume => volume.Key).ToHashSet();
        Assert.Equal(["bucket", "frontend", "grafana", "minio", "postgis", "prometheus", "silo"], services.Keys.Order());
        foreach (var (name, service) in services)
        {
            Assert.True(service.Text("image") is { Length: > 0 }, $"{name} has no image");
            Assert.All(service.Members("depends_on"), other =>
            {
                Assert.Contains(other.Key, services.Keys);
                Assert.Contains(other.Value.Text("condition"), new[] { "service_started", "service_healthy", "service_completed_successfully" });
                if (other.Value.Text("condition") == "service_healthy")
                    Assert.NotNull(services[other.Key].At("healthcheck", "test"));
            });
            Assert.All(service.Items("depends_on"), other => Assert.Contains(((YamlScalarNode)other).Value!, services.Keys));
            foreach (var mount in service.Items("volumes").Select(volume => ((YamlScalarNode)volume).Value!.Split(':')))
            {
                if (mount[0].StartsWith('.'))
                    Assert.True(Path.Exists(Path.Combine(DeployFiles.Folder, mount[0])), $"{name} mounts {mount[0]}, which is not there");
                else
                    Assert.Contains(mount[0], volumes);
            }
        }
    }

    [Fact]
    public void No_file_holds_a_secret()
    {
        var compose = DeployFiles.Documents("compose.yaml")[0];
        foreach (var (key, value) in compose.Members("services").SelectMany(service => service.Value.Members("environment")))
        {
            if (key.Contains("PASSWORD", StringComparison.Ordinal) || key.Contains("SECRET", StringComparison.Ordinal))
                Assert.StartsWith("${", ((YamlScalarNode)value).Value);
        }

        Assert.All(
            DeployFiles.Documents("kubernetes/secrets.example.yaml")[0].Members("stringData"), secret => Assert.Contains("…", ((YamlScalarNode)secret.Value).Value));
        Assert.DoesNotContain(s_kubernetes.SelectMany(file => DeployFiles.Documents($"kubernetes/{file}")), part => part.Text("kind") == "Secret");
    }

    [Fact]
    public void Kubernetes_parts_have_what_their_kinds_require_and_fit_each_other()
    {
        var parts = s_kubernetes.SelectMany(file => DeployFiles.Documents($"kubernetes/{file}")).ToList();
        Assert.All(parts, part => Assert.True(part.Text("apiVersion") is not null && part.Text("kind") is not null && part.Text("metadata", "name") is not null));
        Assert.Equal(s_kubernetes, DeployFiles.Documents("kubernetes/kustomization.yaml")[0].Items("resources").Select(file => ((YamlScalarNode)file).Value));
        var versions = new Dictionary<string, string>
        {
            ["Namespace"] = "v1", ["ConfigMap"] = "v1", ["Service"] = "v1", ["StatefulSet"] = "apps/v1", ["Deployment"] = "apps/v1", ["PodDisruptionBudget"] = "policy/v1",
            ["HorizontalPodAutoscaler"] = "autoscaling/v2",
        };
        Assert.All(parts, part => Assert.Equal(versions[part.Text("kind")!], part.Text("apiVersion")));
        var workloads = parts.Where(part => part.Text("kind") is "StatefulSet" or "Deployment").ToList();
        Assert.Equal(["frontend", "silo"], workloads.Select(part => part.Text("metadata", "name")!["grid-".Length..]).Order());
        foreach (var workload in workloads)
            Fits(workload, parts);
        var scaler = Assert.Single(parts, part => part.Text("kind") == "HorizontalPodAutoscaler");
        Assert.Contains(workloads, part => part.Text("kind") == scaler.Text("spec", "scaleTargetRef", "kind") && part.Text("metadata", "name") == scaler.Text("spec", "scaleTargetRef", "name"));
        // What is asked to leave has the time that it may take, and some more.
        var stop = int.Parse(parts.Single(part => part.Text("kind") == "ConfigMap").Text("data", "Grid__Engine__StopTimeoutSeconds")!);
        var silo = workloads.Single(part => part.Text("kind") == "StatefulSet");
        Assert.True(int.Parse(silo.Text("spec", "template", "spec", "terminationGracePeriodSeconds")!) > stop + 15);
    }

    [InstalledFact("/usr/bin/promtool", "prometheus")]
    public void Promtool_accepts_scraping_and_alerts()
    {
        Run("/usr/bin/promtool", "check", "rules", Path.Combine(DeployFiles.Folder, "prometheus", "alerts.yml"));
        Run("/usr/bin/promtool", "check", "config", "--syntax-only", Path.Combine(DeployFiles.Folder, "prometheus", "prometheus.yml"));
    }

    [InstalledFact("/usr/bin/systemd-analyze", "systemd")]
    public void Systemd_accepts_the_units()
    {
        var said = Run("/usr/bin/systemd-analyze", ["verify", .. Directory.GetFiles(Path.Combine(DeployFiles.Folder, "systemd"), "*.service")]);
        // Whether programs and accounts are there is the machine's business.
        Assert.DoesNotContain("Unknown", said, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Failed to parse", said, StringComparison.OrdinalIgnoreCase);
    }

    private static void Fits(YamlMappingNode workload, List<YamlMappingNode> parts)
    {
        var name = workload.Text("metadata", "name");
        var labels = workload.Members("spec", "template", "metadata", "labels").Select(label => $"{label.Key}={label.Value}").ToHashSet();
        var selectors = parts.Where(part => part.Text("metadata", "name") == name)
            .SelectMany(part => part.Members("spec", "selector", "matchLabels").Concat(part.Text("kind") == "Service" ? part.Members("spec", "selector") : []));
        Assert.All(selectors, label => Assert.Contains($"{label.Key}={label.Value}", labels));
        Assert.Contains(parts, part => part.Text("kind") == "PodDisruptionBudget" && part.Text("metadata", "name") == name);
        var pod = workload.At("spec", "template", "spec")!;
        Assert.Equal("true", pod.Text("securityContext", "runAsNonRoot"));
        var volumes = pod.Items("volumes").Select(volume => volume.Text("name")).ToHashSet();
        var settings = parts.Where(part => part.Text("kind") == "ConfigMap").Select(part => part.Text("metadata", "name")).ToHashSet();
        var secrets = DeployFiles.Documents("kubernetes/secrets.example.yaml")[0].Members("stringData").Select(secret => secret.Key).ToHashSet();
        foreach (var container in pod.Items("containers").Concat(pod.Items("initContainers")))
        {
            Assert.True(container.Text("image") is { Length: > 0 });
            Assert.Equal("true", container.Text("securityContext", "readOnlyRootFilesystem"));
            Assert.All(container.Items("volumeMounts"), mount => Assert.Contains(mount.Text("name"), volumes));
            Assert.All(container.Items("envFrom"), from => Assert.Contains(from.Text("configMapRef", "name"), settings));
            Assert.All(container.Items("env").Where(variable => variable.At("valueFrom", "secretKeyRef") is not null), variable => Assert.Contains(variable.Text("valueFrom", "secretKeyRef", "key")!, secrets));
        }

        foreach (var container in pod.Items("containers"))
        {
            var ports = container.Items("ports").Select(port => port.Text("name")).ToHashSet();
            Assert.All(new[] { "startupProbe", "readinessProbe", "livenessProbe" }, probe =>
            {
                Assert.Contains(container.Text(probe, "httpGet", "port"), ports);
                Assert.Contains(container.Text(probe, "httpGet", "path"), new[] { "/health/ready", "/health/live" });
            });
            Assert.NotNull(container.Text("resources", "limits", "memory"));
        }
    }

    private static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var said = process.StandardOutput.ReadToEnd() + error.GetAwaiter().GetResult();
        process.WaitForExit();
        if (!program.EndsWith("systemd-analyze", StringComparison.Ordinal))
            Assert.True(process.ExitCode == 0, said);
        return said;
    }

    [GeneratedRegex("Grid__[A-Za-z0-9_]*[A-Za-z0-9]")]
    private static partial Regex Setting();

    [GeneratedRegex("__[0-9]+$")]
    private static partial Regex PlaceInList();
}

/// <summary>A fact that needs a program of Debian's: skipped at a desk that lacks it.</summary>
public sealed class InstalledFactAttribute : FactAttribute
{
    public InstalledFactAttribute(string program, string package)
    {
        if (!File.Exists(program))
            Skip = $"needs Debian's package {package}";
    }
}
