using Grid.Frontend.Entrepot.Http;
using Microsoft.Extensions.Options;

namespace Grid.Frontend.Entrepot.Security;

/// <summary>
/// Counts failed logins of a login name and of an address, and refuses further attempts for a while once there are too many. Remembers at most
/// <see cref="MaxEntries"/> names; when full, the oldest windows are forgotten first.
/// </summary>
public sealed class LoginThrottle(IOptions<EntrepotOptions> options, TimeProvider clock)
{
    public const int MaxEntries = 10_000;

    private readonly Dictionary<string, Window> _failures = [];

    /// <exception cref="TooManyAttemptsException">Too many attempts of this name or from this address have failed.</exception>
    public void ThrowIfBlocked(string login, string address)
    {
        lock (_failures)
        {
            foreach (var key in Keys(login, address))
            {
                if (_failures.TryGetValue(key, out var window) && window.Ends > clock.GetUtcNow() && window.Count >= options.Value.FailedLogins)
                    throw new TooManyAttemptsException(window.Ends - clock.GetUtcNow());
            }
        }
    }

    public void Failed(string login, string address)
    {
        var now = clock.GetUtcNow();
        lock (_failures)
        {
            if (_failures.Count >= MaxEntries)
                Forget(now);
            foreach (var key in Keys(login, address))
            {
                _failures[key] = _failures.TryGetValue(key, out var window) && window.Ends > now
                    ? window with { Count = window.Count + 1 }
                    : new Window(1, now + TimeSpan.FromSeconds(options.Value.FailedLoginSeconds));
            }
        }
    }

    /// <summary>A success clears the name; the address stays counted, since one good account must not cover guesses at others.</summary>
    public void Succeeded(string login)
    {
        lock (_failures)
            _failures.Remove(NameKey(login));
    }

    private void Forget(DateTimeOffset now)
    {
        foreach (var key in _failures.Where(entry => entry.Value.Ends <= now).Select(entry => entry.Key).ToList())
            _failures.Remove(key);
        foreach (var key in _failures.OrderBy(entry => entry.Value.Ends).Take(_failures.Count - (MaxEntries / 2)).Select(entry => entry.Key).ToList())
            _failures.Remove(key);
    }

    private static IEnumerable<string> Keys(string login, string address) => [NameKey(login), $"address {address}"];

    private static string NameKey(string login) => $"name {(login.Length > 256 ? login[..256] : login)}";

    private sealed record Window(int Count, DateTimeOffset Ends);
}
