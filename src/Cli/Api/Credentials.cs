using System.Text.Json;

namespace Grid.Cli.Api;

/// <summary>What the token endpoint asks for (OAuth 2.0, RFC 6749 § 4.3 and § 4.4). Never taken from the command line, which others can read.</summary>
/// <param name="Login">Account; null with a client alone.</param>
/// <param name="Password">Its password.</param>
/// <param name="ClientId">Client; null with an account alone.</param>
/// <param name="ClientSecret">Its secret.</param>
/// <param name="Datastore">The datastore to deliver to, when the file names one.</param>
public sealed record Credentials(string? Login, string? Password, string? ClientId, string? ClientSecret, string? Datastore = null)
{
    /// <summary>
    /// Reads <c>GRID_LOGIN</c> and <c>GRID_PASSWORD</c> (or <c>GRID_CLIENT_ID</c> and <c>GRID_CLIENT_SECRET</c>), else the secrets files that
    /// servers write into their data folders at their first start: one for each folder that has one.
    /// </summary>
    /// <param name="dataFolders">Folders to look in.</param>
    /// <param name="login">An account that goes before the environment's; its password still comes from <c>GRID_PASSWORD</c>.</param>
    /// <returns>At least one, the likeliest first.</returns>
    /// <exception cref="DeliveryException">There are none.</exception>
    public static IReadOnlyList<Credentials> Find(IReadOnlyList<string> dataFolders, string? login = null)
    {
        login ??= Environment.GetEnvironmentVariable("GRID_LOGIN");
        var password = Environment.GetEnvironmentVariable("GRID_PASSWORD");
        var client = Environment.GetEnvironmentVariable("GRID_CLIENT_ID");
        var secret = Environment.GetEnvironmentVariable("GRID_CLIENT_SECRET");
        if (login is not null && password is null)
            throw new DeliveryException($"no password for the account {login}: set the environment variable GRID_PASSWORD");
        if (login is not null || (client is not null && secret is not null))
            return [new Credentials(login, password, client, secret)];
        Credentials[] found = [.. dataFolders.Select(folder => Path.Combine(folder, "secrets.json")).Where(File.Exists).Select(Read)];
        return found.Length > 0
            ? found
            : throw new DeliveryException(
                $"no account to deliver with: set GRID_LOGIN and GRID_PASSWORD, or name the data folder of a server on this machine with --data (no secrets.json in {string.Join(", ", dataFolders)})");
    }

    /// <summary>Reads a secrets file: a JSON object with <c>login</c>, <c>password</c> and perhaps <c>client_id</c>, <c>client_secret</c>, <c>datastore</c>.</summary>
    /// <exception cref="DeliveryException">The file is not readable or holds no account.</exception>
    public static Credentials Read(string secretsFile)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(secretsFile));
            string? Text(string name) =>
                document.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
            var found = new Credentials(Text("login"), Text("password"), Text("client_id"), Text("client_secret"), Text("datastore"));
            return found is { Login: not null, Password: not null } or { ClientId: not null, ClientSecret: not null }
                ? found
                : throw new DeliveryException($"{secretsFile} holds neither login and password nor client_id and client_secret");
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            throw new DeliveryException($"{secretsFile} cannot be read as a secrets file: {error.Message}");
        }
    }
}
