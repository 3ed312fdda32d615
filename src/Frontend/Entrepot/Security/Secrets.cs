using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;

namespace Grid.Frontend.Entrepot.Security;

/// <summary>
/// Passwords of accounts, secrets of clients and the key that signs tokens. Passwords and secrets come from environment variables
/// <c>GRID_PASSWORD_&lt;LOGIN&gt;</c> and <c>GRID_SECRET_&lt;CLIENT&gt;</c> (upper case, other characters than letters and digits as <c>_</c>); those without
/// one are made at random at the first start and kept in <c>secrets.json</c> of the data folder, which its owner alone can read, together
/// with the key. The file's first keys are what a producer needs: <c>login, password, client_id, client_secret, datastore</c>.
/// </summary>
public sealed class Secrets
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);
    private readonly Dictionary<string, string> _passwords = [];
    private readonly Dictionary<string, string> _clients = [];

    public Secrets(IOptions<EntrepotOptions> options)
    {
        var settings = options.Value;
        Directory.CreateDirectory(settings.DataFolder);
        var path = Path.Combine(settings.DataFolder, "secrets.json");
        if (Complete(Read(path), settings) is null)
            return;
        // Of several that start at once over one data folder, one makes what is missing and the others read it.
        using var lease = Lock(path + ".lock");
        if (Complete(Read(path), settings) is { } made)
            Write(path, made);
    }

    /// <summary>The HMAC key of tokens, 32 random bytes.</summary>
    public byte[] TokenKey { get; private set; } = [];

    /// <summary>True when the account exists and the password is its own; takes the same time for any wrong one.</summary>
    public bool IsPasswordOf(string login, string password) => Matches(_passwords, login, password);

    /// <summary>True when the client exists and the secret is its own; takes the same time for any wrong one.</summary>
    public bool IsSecretOf(string client, string secret) => Matches(_clients, client, secret);

    private static bool Matches(Dictionary<string, string> secrets, string name, string given)
    {
        var known = secrets.TryGetValue(name, out var secret);
        // Digests have one length, so neither length nor content shows in the time taken.
        var equal = CryptographicOperations.FixedTimeEquals(
            SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(secret ?? "")));
        return known & equal & given.Length > 0;
    }

    // Takes what the file has and makes the rest; null when there was nothing to make.
    private JsonObject? Complete(JsonObject kept, EntrepotOptions settings)
    {
        var known = kept.DeepClone().AsObject();
        foreach (var account in settings.Accounts)
            _passwords[account.Login] = Choose("GRID_PASSWORD_", account.Login, Section(known, "accounts"));
        foreach (var client in settings.Clients)
            _clients[client.Id] = Choose("GRID_SECRET_", client.Id, Section(known, "clients"));
        if ((string?)known["token_key"] is not { } key)
            known["token_key"] = key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        TokenKey = Convert.FromBase64String(key);
        Describe(known, settings);
        return JsonNode.DeepEquals(kept, known) ? null : known;
    }

    // The system takes it back from a process that is lost.
    private static FileStream Lock(string path)
    {
        for (var since = Stopwatch.GetTimestamp(); ; Thread.Sleep(20))
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (Stopwatch.GetElapsedTime(since) < LongestWait)
            {
                // Another holds it.
            }
        }
    }

    private static string Choose(string prefix, string name, JsonObject kept)
    {
        var variable = prefix + string.Concat(name.ToUpperInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } given)
            return given;
        if ((string?)kept[name] is { Length: > 0 } existing)
            return existing;
        var made = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        kept[name] = made;
        return made;
    }

    private static JsonObject Section(JsonObject file, string name)
    {
        if (file[name] is not JsonObject section)
            file[name] = section = [];
        return section;
    }

    private static void Describe(JsonObject file, EntrepotOptions settings)
    {
        var login = settings.Accounts[0].Login;
        var client = settings.Clients[0].Id;
        SetOrDrop(file, "login", login);
        SetOrDrop(file, "password", (string?)Section(file, "accounts")[login]);
        SetOrDrop(file, "client_id", client);
        SetOrDrop(file, "client_secret", (string?)Section(file, "clients")[client]);
        SetOrDrop(file, "datastore", settings.Communities[0].DatastoreId.ToString());
    }

    private static void SetOrDrop(JsonObject file, string key, string? value)
    {
        if (value is null)
            file.Remove(key);
        else
            file[key] = value;
    }

    private static JsonObject Read(string path)
    {
        if (!File.Exists(path))
            return [];
        try
        {
            return JsonNode.Parse(File.ReadAllBytes(path)) as JsonObject ?? throw new JsonException("not an object");
        }
        catch (JsonException wrong)
        {
            throw new InvalidDataException($"{path} is not a JSON object ({wrong.Message}). Mend it, or delete it to have new secrets made.");
        }
    }

    private static void Write(string path, JsonObject content)
    {
        var temporary = $"{path}.{Environment.ProcessId}.new";
        var create = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            create.UnixCreateMode = OwnerOnly;
        using (var file = new FileStream(temporary, create))
        {
            JsonSerializer.Serialize(file, content, new JsonSerializerOptions { WriteIndented = true });
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
