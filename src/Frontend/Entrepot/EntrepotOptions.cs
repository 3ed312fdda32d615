using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Grid.Interfaces.Catalogue;

namespace Grid.Frontend.Entrepot;

/// <summary>
/// Settings of the Entrepôt API, section <c>Grid</c>. What a first start creates follows from them; ids follow from names, so that they are
/// the same on every installation. No password is a setting: see <see cref="Security.Secrets"/>.
/// </summary>
public sealed partial class EntrepotOptions
{
    public const string Section = "Grid";

    /// <summary>Folder of Grid's own files: secrets, token key. Default <c>data</c>, relative to the working folder.</summary>
    public string DataFolder { get; set; } = "data";

    /// <summary>Address under which clients know this host, for example <c>https://grid.example.org</c>. Default: that of each request.</summary>
    public string? PublicUrl { get; set; }

    /// <summary>
    /// Addresses (<c>10.0.0.7</c>) and networks (<c>10.0.0.0/8</c>) of reverse proxies, beside this machine's own, that are believed when they say who
    /// asks and by which address. Default: none, and requests that come through others all seem to be the proxy's.
    /// </summary>
    public List<string>? KnownProxies { get; set; }

    /// <summary>How long a token lives, in seconds. Default 3,600. Longer spares clients calls; a leaked token lives longer too.</summary>
    public int TokenLifetimeSeconds { get; set; } = 3600;

    /// <summary>Failed logins of one login name or one address before attempts are refused. Default 10.</summary>
    public int FailedLogins { get; set; } = 10;

    /// <summary>How long failed logins count, in seconds. Default 300.</summary>
    public int FailedLoginSeconds { get; set; } = 300;

    /// <summary>Communities, each with one datastore. Default: one, <c>demo</c>.</summary>
    public List<CommunityOptions> Communities { get; set; } = [];

    /// <summary>Accounts. Default: <c>demo</c>, with every right in the first community, and <c>admin</c>, the administrator.</summary>
    public List<AccountOptions> Accounts { get; set; } = [];

    /// <summary>Clients that may ask for tokens of their own account. Default: one, <c>grid-client</c>, for the first account.</summary>
    public List<ClientOptions> Clients { get; set; } = [];

    /// <summary>An OpenID Connect issuer whose tokens are accepted beside Grid's own. Default: none.</summary>
    public ExternalIssuerOptions? Oidc { get; set; }

    /// <summary>The settings with their defaults filled in.</summary>
    public EntrepotOptions WithDefaults()
    {
        if (Communities.Count == 0)
            Communities.Add(new CommunityOptions());
        if (Accounts.Count == 0)
        {
            Accounts.Add(new AccountOptions { Login = "demo", FirstName = "Demo", LastName = "Producer", Email = "demo@localhost" });
            Accounts.Add(new AccountOptions { Login = "admin", FirstName = "Grid", LastName = "Administrator", Email = "admin@localhost", Administrator = true });
        }

        foreach (var account in Accounts.Where(account => account.Memberships.Count == 0))
            account.Memberships.Add(new MembershipOptions { Community = Communities[0].TechnicalName });
        if (Clients.Count == 0)
            Clients.Add(new ClientOptions { Id = "grid-client", Account = Accounts[0].Login });
        return this;
    }

    /// <summary>Throws <see cref="ArgumentException"/>, which names the setting, unless the options make sense.</summary>
    public void Validate()
    {
        if (TokenLifetimeSeconds is < 1 or > 30 * 24 * 3600)
            throw new ArgumentException($"Grid:TokenLifetimeSeconds is {TokenLifetimeSeconds}: it goes from 1 to {30 * 24 * 3600}.");
        if (FailedLogins is < 1 or > 1_000_000)
            throw new ArgumentException($"Grid:FailedLogins is {FailedLogins}: it goes from 1 to 1000000.");
        if (FailedLoginSeconds is < 1 or > 24 * 3600)
            throw new ArgumentException($"Grid:FailedLoginSeconds is {FailedLoginSeconds}: it goes from 1 to {24 * 3600}.");
        if (!string.IsNullOrEmpty(PublicUrl) && !(Uri.TryCreate(PublicUrl, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"))
            throw new ArgumentException($"Grid:PublicUrl is \"{PublicUrl}\": it is an http or https address.");
        _ = ProxyNetworks();
        for (var i = 0; i < Communities.Count; i++)
            ValidateCommunity(i, $"Grid:Communities:{i}");
        for (var i = 0; i < Accounts.Count; i++)
            ValidateAccount(i, $"Grid:Accounts:{i}");
        for (var i = 0; i < Clients.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(Clients[i].Id) || Clients.Take(i).Any(other => other.Id == Clients[i].Id))
                throw new ArgumentException($"Grid:Clients:{i}:Id is \"{Clients[i].Id}\": each client has one of its own.");
            if (!Accounts.Exists(account => account.Login == Clients[i].Account))
                throw new ArgumentException($"Grid:Clients:{i}:Account is \"{Clients[i].Account}\": no account has that login.");
        }

        Oidc?.Validate();
    }

    /// <summary><see cref="KnownProxies"/> as networks.</summary>
    public IReadOnlyList<IPNetwork> ProxyNetworks() =>
    [
        .. (KnownProxies ?? []).Select(text => IPNetwork.TryParse(text, out var network) ? network
            : IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128)
            : throw new ArgumentException($"Grid:KnownProxies has \"{text}\": IP addresses and networks (10.0.0.0/8) are allowed.")),
    ];

    private void ValidateCommunity(int position, string key)
    {
        var community = Communities[position];
        if (!TechnicalNamePattern().IsMatch(community.TechnicalName))
            throw new ArgumentException($"{key}:TechnicalName is \"{community.TechnicalName}\": it has 1 to 30 letters, digits, \"_\", \".\" and \"-\".");
        if (Communities.Take(position).Any(other => other.TechnicalName == community.TechnicalName))
            throw new ArgumentException($"{key}:TechnicalName is \"{community.TechnicalName}\", as that of another community is.");
        if (community.Supervisor is { } supervisor && !Accounts.Exists(account => account.Login == supervisor))
            throw new ArgumentException($"{key}:Supervisor is \"{supervisor}\": no account has that login.");
        foreach (var (name, quota) in new (string, long)[]
            { ("DataQuota", community.DataQuota), ("UploadsQuota", community.UploadsQuota), ("AnnexesQuota", community.AnnexesQuota), ("EndpointQuota", community.EndpointQuota) })
        {
            if (quota < 0)
                throw new ArgumentException($"{key}:{name} is {quota}: it is 0 or more.");
        }
    }

    private void ValidateAccount(int position, string key)
    {
        var account = Accounts[position];
        if (string.IsNullOrWhiteSpace(account.Login) || Accounts.Take(position).Any(other => other.Login == account.Login))
            throw new ArgumentException($"{key}:Login is \"{account.Login}\": each account has one of its own.");
        for (var i = 0; i < account.Memberships.Count; i++)
        {
            var membership = account.Memberships[i];
            if (!Communities.Exists(community => community.TechnicalName == membership.Community))
                throw new ArgumentException($"{key}:Memberships:{i}:Community is \"{membership.Community}\": no community has that technical name.");
            if (membership.Rights?.Find(right => !Rights.All.Contains(right)) is { } unknown)
                throw new ArgumentException($"{key}:Memberships:{i}:Rights has \"{unknown}\": rights are {string.Join(", ", Rights.All)}.");
        }
    }

    [GeneratedRegex("^[A-Za-z0-9_.-]{1,30}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex TechnicalNamePattern();
}

/// <summary>A community and its datastore.</summary>
public sealed class CommunityOptions
{
    public string Name { get; set; } = "Demo";

    /// <summary>At most 30 letters, digits, <c>_</c>, <c>.</c> and <c>-</c>; decides the ids.</summary>
    public string TechnicalName { get; set; } = "demo";

    public string Description { get; set; } = "";

    public string Contact { get; set; } = "contact@localhost";

    /// <summary>Whether the community is listed in the catalogue of communities. Default true.</summary>
    public bool Public { get; set; } = true;

    /// <summary>Login of the member who holds all rights and cannot be removed. Default: the first account.</summary>
    public string? Supervisor { get; set; }

    /// <summary>Bytes of stored data. Default 500 GB.</summary>
    public long DataQuota { get; set; } = 500_000_000_000;

    /// <summary>Bytes of uploads. Default 500 GB.</summary>
    public long UploadsQuota { get; set; } = 500_000_000_000;

    /// <summary>Bytes of annexes. Default 1 GB.</summary>
    public long AnnexesQuota { get; set; } = 1_000_000_000;

    /// <summary>Offerings on each endpoint. Default 200.</summary>
    public int EndpointQuota { get; set; } = 200;

    /// <summary>Prefix that the layer names of this datastore must have. Default: none.</summary>
    public string? LayerNamePrefix { get; set; }

    public Guid Id => StableId.Of("community", TechnicalName);

    public Guid DatastoreId => StableId.Of("datastore", TechnicalName);
}

/// <summary>A person or program that may log in.</summary>
public sealed class AccountOptions
{
    public string Login { get; set; } = "";

    public string Email { get; set; } = "";

    public string FirstName { get; set; } = "";

    public string LastName { get; set; } = "";

    public bool Administrator { get; set; }

    /// <summary>Default: the first community, with every right.</summary>
    public List<MembershipOptions> Memberships { get; set; } = [];

    public Guid Id => StableId.Of("account", Login);
}

/// <summary>An account's rights in a community.</summary>
public sealed class MembershipOptions
{
    /// <summary>Technical name of the community.</summary>
    public string Community { get; set; } = "";

    /// <summary>Default: all of <see cref="Grid.Interfaces.Catalogue.Rights"/>.</summary>
    public List<string>? Rights { get; set; }
}

/// <summary>A client of the grant <c>client_credentials</c>.</summary>
public sealed class ClientOptions
{
    public string Id { get; set; } = "";

    /// <summary>Login of the account that the client acts as.</summary>
    public string Account { get; set; } = "";
}

/// <summary>An OpenID Connect issuer. Keys come from its discovery document, and from nowhere else.</summary>
public sealed class ExternalIssuerOptions
{
    /// <summary>The issuer's URL, which tokens must carry in <c>iss</c>.</summary>
    public string Issuer { get; set; } = "";

    /// <summary>What tokens must carry in <c>aud</c> (or <c>azp</c>).</summary>
    public string Audience { get; set; } = "";

    internal void Validate()
    {
        if (!Uri.TryCreate(Issuer, UriKind.Absolute, out var issuer) || !(issuer.Scheme == "https" || (issuer.Scheme == "http" && issuer.IsLoopback)))
            throw new ArgumentException($"Grid:Oidc:Issuer is \"{Issuer}\": it is an https address (http on this machine alone).");
        if (string.IsNullOrWhiteSpace(Audience))
            throw new ArgumentException("Grid:Oidc:Audience is empty: name what tokens for this server carry in aud.");
    }
}
