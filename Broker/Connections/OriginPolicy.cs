using System.Text.RegularExpressions;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Connections;

/// <summary>Decides which pages may open a WebSocket: browsers send their page's origin, other clients send none.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class OriginPolicy
{
    private Regex[] _allowed;

    /// <param name="patterns">
    /// Globs (<see cref="Glob"/>) over the whole lower-cased origin, <c>https://host:port</c>. Empty: only pages of the broker's own host.
    /// </param>
    public OriginPolicy(IEnumerable<string> patterns) => _allowed = [.. patterns.Select(pattern => Glob.Compile(pattern.ToLowerInvariant()))];

    /// <summary>Whether pages of other hosts may connect.</summary>
    public bool HasPatterns => Volatile.Read(ref _allowed).Length > 0;

    /// <summary>Uses the patterns of the other policy from now on; open connections stay.</summary>
    public void ReplaceWith(OriginPolicy other) => Volatile.Write(ref _allowed, other._allowed);

    /// <summary>A request without an origin is always allowed: it does not come from a page.</summary>
    public bool Allows(string? origin, string? host)
    {
        if (string.IsNullOrEmpty(origin))
        {
            return true;
        }

        var lowered = origin.ToLowerInvariant();
        var allowed = Volatile.Read(ref _allowed);
        return allowed.Length == 0 ? IsSameHost(lowered, host) : allowed.Any(pattern => pattern.IsMatch(lowered));
    }

    /// <summary>Whether a page is of the host that it asks.</summary>
    /// <param name="origin">In lower case, as <c>https://host:port</c>.</param>
    public static bool IsSameHost(string origin, string? host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var page)
        && Uri.TryCreate($"{page.Scheme}://{host}", UriKind.Absolute, out var self)
        && page.Authority.Length > 0
        && page.Authority == self.Authority;
}
