using System.Buffers.Binary;
using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Identity.Tokens;

namespace ClawEvents.Broker.Api.Admin;

/// <summary>Sessions of the console for operators: a signed cookie, so that every node with the same secrets knows it.</summary>
/// <remarks>
/// The cookie alone opens nothing: a page of another origin can make the browser send it, but not the header <see cref="Header"/> with it. Another password,
/// another key of the server API or another signing secret ends all sessions. One that has signed out ends on this node; on others it lasts until its time is over.
/// Thread-safe.
/// </remarks>
internal sealed class AdminSessions(ApiOptions options, SigningSecret secret, InternalPort port, TimeProvider time)
{
    public const string Cookie = "claw_admin";

    /// <summary>Sent by the console with every request.</summary>
    public const string Header = "X-Claw-Admin";

    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    // The end in Unix seconds, random bytes, and the signature of both.
    private const int RandomBytes = 16;
    private const int SignedBytes = sizeof(long) + RandomBytes;
    private const int CookieBytes = SignedBytes + HMACSHA256.HashSizeInBytes;

    private readonly ConcurrentDictionary<string, long> _ended = new(StringComparer.Ordinal);
    private Credentials _credentials = Credentials.Of(options);

    /// <summary>Changes password and key; sessions that began with others are over.</summary>
    public void ApplySettings(ApiOptions fresh) => Volatile.Write(ref _credentials, Credentials.Of(fresh));

    /// <summary>What opens a session: <c>password</c>, <c>key</c>, <c>both</c>, or <c>nothing</c> when there are none.</summary>
    public string Openers => options.IsAdminInsecure ? "nothing" : Volatile.Read(ref _credentials) switch { { Password: null } => "key", { Key: null } => "password", _ => "both" };

    /// <summary>Compares with the password and with the key, in constant time.</summary>
    public bool Opens(string given)
    {
        var (credentials, hash) = (Volatile.Read(ref _credentials), KeyHash.Of(given));
        var isPassword = CryptographicOperations.FixedTimeEquals(hash, credentials.Password ?? []);
        var isKey = CryptographicOperations.FixedTimeEquals(hash, credentials.Key ?? []);
        return isPassword || isKey;
    }

    /// <returns>The value of a new session's cookie.</returns>
    public string Begin()
    {
        Forget();
        var bytes = new byte[CookieBytes];
        BinaryPrimitives.WriteInt64BigEndian(bytes, (time.GetUtcNow() + Lifetime).ToUnixTimeSeconds());
        RandomNumberGenerator.Fill(bytes.AsSpan(sizeof(long), RandomBytes));
        Sign(bytes.AsSpan(0, SignedBytes)).CopyTo(bytes, SignedBytes);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Ends the request's session, if it has one.</summary>
    public void End(HttpRequest request)
    {
        if (Find(request) is { } cookie)
        {
            _ended[cookie] = EndOf(cookie)!.Value;
        }
    }

    /// <summary>Whether the request comes from the console, signed in or not.</summary>
    public bool IsMeant(HttpRequest request) => options.ShowsAdmin && request.Headers.ContainsKey(Header) && (options.IsAdminInsecure || request.Cookies.ContainsKey(Cookie));

    /// <summary>Whether the request belongs to a session: it comes from the broker's own page over the port for operators, with a cookie that counts, or with none where it needs none.</summary>
    public bool IsOpen(HttpRequest request) =>
        IsMeant(request) && port.IsReachedForConsole(request.HttpContext) && IsOfOwnPage(request) && (options.IsAdminInsecure || (Find(request) is { } cookie && !_ended.ContainsKey(cookie)));

    private static string? CookieOf(HttpRequest request) => request.Cookies[Cookie] is { Length: > 0 } cookie ? cookie : null;

    // Browsers of today say it themselves; older ones send at least the origin with what changes anything.
    private static bool IsOfOwnPage(HttpRequest request)
    {
        var (site, origin) = (request.Headers["Sec-Fetch-Site"].ToString(), request.Headers.Origin.ToString());
        return site is "" or "same-origin" && (origin.Length == 0 || OriginPolicy.IsSameHost(origin.ToLowerInvariant(), request.Host.Value));
    }

    private string? Find(HttpRequest request) => CookieOf(request) is { } cookie && EndOf(cookie) > time.GetUtcNow().ToUnixTimeSeconds() ? cookie : null;

    // Null: the signature is wrong.
    private long? EndOf(string cookie)
    {
        var bytes = new byte[CookieBytes];
        return Base64Url.TryDecodeFromChars(cookie, bytes, out var length) && length == CookieBytes
            && CryptographicOperations.FixedTimeEquals(Sign(bytes.AsSpan(0, SignedBytes)), bytes.AsSpan(SignedBytes))
            ? BinaryPrimitives.ReadInt64BigEndian(bytes)
            : null;
    }

    private byte[] Sign(ReadOnlySpan<byte> content)
    {
        var credentials = Volatile.Read(ref _credentials);
        var key = HMACSHA256.HashData(credentials.Secret ?? secret.Key.Key, (byte[])[.. "admin session"u8, .. credentials.Password ?? [], 0, .. credentials.Key ?? []]);
        return HMACSHA256.HashData(key, content);
    }

    // Ends are remembered no longer than the cookie counts.
    private void Forget()
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        foreach (var (cookie, end) in _ended.Where(ended => ended.Value <= now))
        {
            _ended.TryRemove(new(cookie, end));
        }
    }

    /// <summary>Hashes; null when it is not configured.</summary>
    private sealed record Credentials(byte[]? Password, byte[]? Key, byte[]? Secret)
    {
        public static Credentials Of(ApiOptions options) => new(KeyHash.OfSetting(options.AdminPassword), KeyHash.OfSetting(options.ServerApiKey), KeyHash.OfSetting(options.AdminSecret));
    }
}
