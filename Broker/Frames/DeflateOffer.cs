using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ClawEvents.Broker.Frames;

/// <summary>Accepts or declines what a client offers in <c>Sec-WebSocket-Extensions</c> (RFC 6455, section 9.1; RFC 7692, section 7.1). Pure.</summary>
internal static class DeflateOffer
{
    private const string Name = "permessage-deflate";
    private const string Accepted = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    private const int WindowBits = 15;

    /// <param name="extensions">The values of all headers of that name, joined by commas; null when there is none.</param>
    /// <param name="answer">The value for the header of the same name.</param>
    /// <returns>True when there is an acceptable offer; the first one is accepted.</returns>
    public static bool TryAccept(string? extensions, [NotNullWhen(true)] out string? answer)
    {
        foreach (var offer in (extensions ?? "").Split(',', StringSplitOptions.TrimEntries))
        {
            if (TryAcceptOne(offer.Split(';', StringSplitOptions.TrimEntries), out answer))
            {
                return true;
            }
        }

        answer = null;
        return false;
    }

    // An offer with a parameter that is unknown, invalid or repeated must be declined.
    private static bool TryAcceptOne(string[] parts, [NotNullWhen(true)] out string? answer)
    {
        answer = null;
        if (!parts[0].Equals(Name, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var parameter in parts.Skip(1))
        {
            var equals = parameter.IndexOf('=');
            var (name, value) = equals < 0 ? (parameter, null) : (parameter[..equals].TrimEnd(), parameter[(equals + 1)..].Trim().Trim('"'));
            if (!seen.Add(name) || !IsAcceptable(name, value))
            {
                return false;
            }
        }

        answer = seen.Contains("server_max_window_bits") ? $"{Accepted}; server_max_window_bits={WindowBits}" : Accepted;
        return true;
    }

    // The window of this end is the longest and cannot be made shorter; the client's may have any length.
    private static bool IsAcceptable(string name, string? value) => name.ToLowerInvariant() switch
    {
        "server_no_context_takeover" or "client_no_context_takeover" => value is null,
        "server_max_window_bits" => IsBits(value, out var bits) && bits == WindowBits,
        "client_max_window_bits" => value is null || IsBits(value, out _),
        _ => false,
    };

    private static bool IsBits(string? value, out int bits) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out bits) && bits is >= 8 and <= WindowBits && value[0] != '0';
}
