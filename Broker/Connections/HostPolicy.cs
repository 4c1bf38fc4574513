using System.Net;
using System.Text.RegularExpressions;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Connections;

/// <summary>Decides by which names the broker may be reached, so that a page whose name was pointed at this machine (DNS rebinding) is not taken for one of its own.</summary>
/// <remarks>Browsers send the name in <c>Host</c> and pages cannot change it. An IP address is no name that could be pointed elsewhere, so it always passes, as does localhost. Thread-safe.</remarks>
internal sealed class HostPolicy
{
    /// <summary>The message for a refused client.</summary>
    public const string Rule = "Forbidden: the broker may not be reached by this name; see the setting AllowedHosts";

    // Replaced as a whole when the settings are reloaded.
    private Names? _names;

    /// <param name="patterns">Globs (<see cref="Glob"/>) over the name without port, in lower case; empty with <paramref name="isOpen"/>: any name.</param>
    /// <param name="isOpen">Without patterns, any name is right; otherwise only localhost and addresses.</param>
    public HostPolicy(IReadOnlyCollection<string> patterns, bool isOpen) =>
        _names = isOpen && patterns.Count == 0 ? null : new([.. patterns.Select(pattern => Glob.Compile(pattern.ToLowerInvariant()))]);

    /// <summary>Allows the names of the other policy from now on; open connections stay.</summary>
    public void ReplaceWith(HostPolicy other) => Volatile.Write(ref _names, other._names);

    /// <param name="host">The <c>Host</c> header; missing or empty, as only clients that are no browsers leave it, is allowed.</param>
    public bool Allows(string? host) => string.IsNullOrEmpty(host) || Volatile.Read(ref _names) is not { } names || names.Allow(host);

    private sealed class Names(Regex[] allowed)
    {
        // Almost all clients call a node by one name.
        private string? _lastAllowed;

        public bool Allow(string host)
        {
            if (host == Volatile.Read(ref _lastAllowed))
            {
                return true;
            }

            var isAllowed = HostHeader.TryReadName(host, out var name) && IsAllowed(name.ToLowerInvariant());
            if (isAllowed)
            {
                Volatile.Write(ref _lastAllowed, host);
            }

            return isAllowed;
        }

        private bool IsAllowed(string name) =>
            name is "localhost" || name.EndsWith(".localhost", StringComparison.Ordinal) || IPAddress.TryParse(name, out _) || allowed.Any(pattern => pattern.IsMatch(name));
    }
}
