using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Grid.Frontend.Entrepot;
using Grid.Frontend.Maps;
using Grid.Frontend.Operations;
using Grid.Frontend.Tiles;
using Grid.Frontend.Wms;
using Grid.Frontend.Wmts;
using Grid.Grains.Catalogue;
using Grid.Grains.Maps;
using Grid.Grains.Pyramids;
using Grid.Grains.Pyramids.Harvest;
using Grid.Grains.Tiles;
using Grid.Ogc.Wmts;
using Grid.Silo.Database;
using Grid.Silo.Engine;
using Grid.Silo.Hosting;
using Grid.Silo.Telemetry;
using Grid.Storage;

namespace Grid.Frontend.Tests.Settings;

/// <summary>The example settings say what the option classes say.</summary>
public sealed partial class ExampleSettingsTests
{
    private static readonly (string Section, object Options)[] s_options =
    [
        ("Grid", new EntrepotOptions().WithDefaults()),
        ("Grid:Oidc", new ExternalIssuerOptions()),
        ("Grid:Database", new DatabaseOptions()),
        ("Grid:Storage", new StorageOptions()),
        ("Grid:Engine", new EngineOptions()),
        ("Grid:Telemetry", new TelemetryOptions()),
        ("Grid:Rok4", new Rok4Options()),
        ("Grid:Logs", new LogOptions()),
        ("Grid:Services", new ServiceOptions()),
        ("Grid:Pyramids", new PyramidBuildOptions()),
        ("Grid:Harvest", new HarvestOptions()),
        ("Grid:TileCache", new TileCacheOptions()),
        ("Grid:Serving", new ServingOptions()),
        ("Grid:Maps", new MapOptions()),
        ("Grid:FeatureInfo", new ExternalInfoOptions()),
        ("Grid:Retention", new PyramidRetention()),
        ("Grid:Wmts", new WmtsOptions()),
        ("Grid:Wms", new WmsOptions()),
    ];

    // Their defaults are the number of cores of the machine, so the example leaves them out.
    private static readonly string[] s_ofTheMachine = ["Grid:Pyramids:RegionsInFlight", "Grid:Pyramids:RegionsPerSilo", "Grid:Pyramids:Threads", "Grid:Maps:AtOnce"];

    [Fact]
    public void Every_option_is_there_and_nothing_else() =>
        Assert.Equal(Defaults().Keys.Order(), Settings(CommentedOut().Replace(Example(), "\"$1\":")).Keys.Order());

    [Fact]
    public void Values_are_the_defaults()
    {
        var defaults = Defaults().Where(option => option.Value is not null && !option.Key.StartsWith("Grid:Oidc:", StringComparison.Ordinal));
        Assert.Equal(
            defaults.Where(option => !s_ofTheMachine.Contains(option.Key)).Select(option => $"{option.Key} = {option.Value}").Order(),
            Settings(Example()).Select(setting => $"{setting.Key} = {setting.Value}").Order());
    }

    [Fact]
    public void Settings_out_of_their_range_are_refused_with_a_sentence_that_names_the_key()
    {
        Refused("Grid:Logs:FileBytes", new LogOptions { FileBytes = 5 }.Validate);
        Refused("Grid:Logs:KeptFiles", new LogOptions { KeptFiles = 0 }.Validate);
        Refused("Grid:Pyramids:Attempts", new PyramidBuildOptions { Attempts = 0 }.Validate);
        Refused("Grid:Harvest:AllowedUrls", new HarvestOptions { AllowedUrls = ["wms"] }.Validate);
        Refused("Grid:Pyramids:Threads", new PyramidBuildOptions { Threads = 0 }.Validate);
        Refused("Grid:Retention:GraceSeconds", new PyramidRetention { GraceSeconds = -1 }.Validate);
        Refused("Grid:Wmts:ErrorMode", new WmtsOptions { ErrorMode = (WmtsErrorMode)7 }.Validate);
        Refused("Grid:Wmts:ProviderSite", new WmtsOptions { ProviderSite = "javascript:alert(1)" }.Validate);
        Refused("Grid:Serving:TileReads", new ServingOptions { TileReads = 0 }.Validate);
        Refused("Grid:Maps:Waiting", new MapOptions { Waiting = -1 }.Validate);
        Refused("Grid:Wms:MaxWidth", new WmsOptions { MaxWidth = 0 }.Validate);
        Refused("Grid:Wms:Crs", new WmsOptions { Crs = ["Lambert"] }.Validate);
        Refused("Grid:Engine:Labels", new EngineOptions { Labels = "zone" }.Validate);
        Refused("Grid:Wmts:InspireMetadataUrl", new WmtsOptions { InspireMetadataUrl = "catalogue" }.Validate);
        Refused("Grid:FeatureInfo:Servers", new ExternalInfoOptions { Servers = ["file:///etc"] }.Validate);
        Refused("Grid:Wms:LegendServers", new WmsOptions { LegendServers = ["legends/"] }.Validate);
        Refused("Grid:FeatureInfo:TimeoutSeconds", new ExternalInfoOptions { TimeoutSeconds = 0 }.Validate);
        Refused("Grid:FeatureInfo:MaxBytes", new ExternalInfoOptions { MaxBytes = 0 }.Validate);
        Refused("Grid:Engine:ResponseTimeoutSeconds", new EngineOptions { ResponseTimeoutSeconds = 0 }.Validate);
        Refused("Grid:Telemetry:OtlpEndpoint", new TelemetryOptions { OtlpEndpoint = "collector:4317" }.Validate);
        Refused("Grid:Telemetry:TraceShare", new TelemetryOptions { TraceShare = double.NaN }.Validate);
        Refused("Grid:Telemetry:MetricsAddress", new TelemetryOptions { MetricsAddress = "everywhere" }.Validate);
        Refused("Grid:FeatureInfo:Servers", new ExternalInfoOptions { Servers = ["https://wms.example.org/?map=a"] }.Validate);
        Refused("Grid:PublicUrl", new EntrepotOptions { PublicUrl = "grid.example.org" }.Validate);
        Refused("Grid:KnownProxies", new EntrepotOptions { KnownProxies = ["10.0.0.0/33"] }.Validate);
        Refused("Grid:Communities:0:TechnicalName", new EntrepotOptions { Communities = [new() { TechnicalName = "a b" }] }.Validate);
        Refused("Grid:Communities:1:TechnicalName", new EntrepotOptions { Communities = [new(), new()] }.Validate);
        Refused("Grid:Communities:0:DataQuota", new EntrepotOptions { Communities = [new() { DataQuota = -1 }] }.Validate);
        Refused("Grid:Communities:0:Supervisor", new EntrepotOptions { Communities = [new() { Supervisor = "nobody" }] }.Validate);
        Refused("Grid:Accounts:0:Login", new EntrepotOptions { Accounts = [new() { Login = " " }] }.Validate);
        Refused("Grid:Accounts:1:Login", new EntrepotOptions { Accounts = [new() { Login = "a" }, new() { Login = "a" }] }.Validate);
        Refused("Grid:Accounts:0:Memberships:0:Community", new EntrepotOptions { Accounts = [new() { Login = "a", Memberships = [new() { Community = "nowhere" }] }] }.Validate);
        Refused("Grid:Accounts:0:Memberships:0:Rights", new EntrepotOptions { Communities = [new()], Accounts = [new() { Login = "a", Memberships = [new() { Community = "demo", Rights = ["ALL"] }] }] }.Validate);
        Refused("Grid:Clients:0:Account", new EntrepotOptions { Clients = [new() { Id = "a", Account = "nobody" }] }.Validate);
        new EntrepotOptions().WithDefaults().Validate();
        Refused("Grid:TokenLifetimeSeconds", new EntrepotOptions { TokenLifetimeSeconds = 0 }.Validate);

        static void Refused(string key, Action validate) => Assert.Contains(key, Assert.Throws<ArgumentException>(validate).Message);
    }

    private static string Example()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Grid.sln")))
            folder = folder.Parent;
        return File.ReadAllText(Path.Combine(folder!.FullName, "deploy", "appsettings.example.jsonc"));
    }

    private static Dictionary<string, string?> Settings(string jsonc)
    {
        using var document = JsonDocument.Parse(jsonc, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        var settings = new Dictionary<string, string?>();
        Flatten("", document.RootElement, settings);
        return settings;
    }

    private static void Flatten(string key, JsonElement value, Dictionary<string, string?> settings)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                    Flatten(key.Length == 0 ? member.Name : $"{key}:{member.Name}", member.Value, settings);
                break;
            case JsonValueKind.Array when value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Object):
                foreach (var (i, item) in value.EnumerateArray().Index())
                    Flatten($"{key}:{i}", item, settings);
                break;
            default:
                settings[key] = value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean().ToString() : value.ToString();
                break;
        }
    }

    /// <summary>Every option and its default.</summary>
    internal static Dictionary<string, string?> Defaults()
    {
        var defaults = new Dictionary<string, string?>();
        foreach (var (section, options) in s_options)
            Flatten(section, options, defaults);
        defaults.Remove("Grid:Oidc");
        // A store of any name: the example has one.
        defaults["Grid:Storage:Others:cold:Kind"] = defaults["Grid:Storage:Others:cold:Folder"] = null;
        return defaults;
    }

    private static void Flatten(string key, object options, Dictionary<string, string?> defaults)
    {
        foreach (var property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite))
        {
            var name = $"{key}:{property.Name}";
            switch (property.GetValue(options))
            {
                case null:
                    defaults[name] = null;
                    break;
                case IConvertible value:
                    defaults[name] = Convert.ToString(value, CultureInfo.InvariantCulture);
                    break;
                case IEnumerable items:
                    foreach (var (i, item) in items.Cast<object>().Index())
                        Flatten($"{name}:{i}", item, defaults);
                    break;
                case var nested:
                    Flatten(name, nested, defaults);
                    break;
            }
        }
    }

    [GeneratedRegex("""// "(\w+)":""")]
    private static partial Regex CommentedOut();
}
