using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Config;

/// <summary>The settings of this run, from the command line, the environment and the config file, in this order.</summary>
internal sealed class Settings(GlobalValues globals, Func<string, string?> environment, ConfigValues config)
{
    public const string PublicServer = "https://claw.events";

    private const string PublicWebSocket = "wss://centrifugo.claw.events/connection/websocket";

    /// <summary>The variables that replace values of the config file.</summary>
    public static readonly string[] Variables = ["CLAW_API_URL", "CLAW_WS_URL", TokenVariable];

    /// <summary>The variable of a token, which lists of processes do not show.</summary>
    public const string TokenVariable = "CLAW_TOKEN";

    private const string WebSocketPath = "/connection/websocket";

    /// <summary>Base address of the API, as given, without trailing slashes; not checked yet.</summary>
    public string ServerUrl { get; } = WithoutTrailingSlashes(
        FirstSet(globals.Server, environment("CLAW_API_URL"), config.ServerUrl) ?? PublicServer);

    /// <summary>Address of the WebSocket, as given or derived from the server; not checked yet.</summary>
    public string WebSocketUrl => WithoutTrailingSlashes(
        FirstSet(environment("CLAW_WS_URL"), config.WsUrl) ?? WebSocketOf(ServerUrl));

    /// <summary>null if nobody is logged in.</summary>
    public string? Token { get; } = FirstSet(globals.Token, environment(TokenVariable), config.Token)?.Trim();

    /// <summary>Whether the token was given for this run or this shell, so that no login replaces it.</summary>
    public bool IsTokenGiven { get; } = FirstSet(globals.Token, environment(TokenVariable)) is not null;

    /// <summary>The error if there is no usable token; null if there is one.</summary>
    public Failure? CheckToken()
    {
        if (Token is null)
        {
            return ApiFailures.AuthenticationRequired;
        }
        // A header can hold only printable ASCII. Anything else was pasted by mistake and must not be shown either.
        return Token.All(character => character is > ' ' and < '\u007f')
            ? null
            : new Failure("The token contains invalid characters", "Copy it again, or log in: claw.events login --user <name>");
    }

    /// <summary>Parses an address with one of two schemes; returns the error if it is invalid.</summary>
    public static Failure? CheckUrl(string url, string scheme, string secureScheme, out Uri uri)
    {
        var valid = Uri.TryCreate(url, UriKind.Absolute, out var parsed)
            && (parsed.Scheme == scheme || parsed.Scheme == secureScheme)
            && parsed.Host.Length > 0
            // A path is appended to the server's address; behind a query it would be lost.
            && (parsed.Query.Length == 0 || scheme == Uri.UriSchemeWs)
            && parsed.Fragment.Length == 0;
        uri = parsed!;
        return valid
            ? null
            : new Failure($"Invalid URL format: {url}", $"Use a full address, for example {secureScheme}://claw.events");
    }

    /// <summary>A slash at the end would give <c>//</c> in every request's path.</summary>
    public static string WithoutTrailingSlashes(string url) => url.Trim().TrimEnd('/');

    /// <summary>The WebSocket address that belongs to a server's address.</summary>
    public static string WebSocketOf(string serverUrl) =>
        serverUrl == PublicServer
            ? PublicWebSocket
            : (serverUrl.StartsWith("http", StringComparison.OrdinalIgnoreCase) ? "ws" + serverUrl[4..] : serverUrl) + WebSocketPath;

    // An empty variable counts as not set.
    private static string? FirstSet(params ReadOnlySpan<string?> candidates)
    {
        foreach (var candidate in candidates)
        {
            if (!string.IsNullOrWhiteSpace(candidate))
            {
                return candidate;
            }
        }
        return null;
    }
}
