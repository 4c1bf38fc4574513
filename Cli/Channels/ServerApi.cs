using System.Net;
using System.Text.Json;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;
using ClawEvents.Cli.Streams;

namespace ClawEvents.Cli.Channels;

/// <summary>Calls methods of the server API. Their errors come in the body, with status 200 unless the server is set up otherwise.</summary>
internal static class ServerApi
{
    private static readonly string[] KeyFixes = ["The key is the server's setting CENTRIFUGO_API_KEY", "With an InternalPort, use that port's address: --server <url>"];

    /// <param name="refused">Beginning of the error message if there is no answer of the method.</param>
    /// <param name="parameters">Writes the members of the body.</param>
    public static async Task<CommandAnswer> CallAsync(ApiClient api, string method, string key, string refused, WriteMembers parameters)
    {
        var answer = await api.SendAsync(new ApiRequest(HttpMethod.Post, $"/api/{method}", refused) { Key = key, Body = parameters });
        return answer.Member("error"u8) is { ValueKind: JsonValueKind.Object } error
            ? new(Error: new((uint)(error.IntegerMember("code"u8) ?? 0), error.StringMember("message"u8) ?? "refused without a reason"))
            : new(answer.Member("result"u8), Failure: Explained(answer));
    }

    /// <summary>The failure of a request that had a key; null if it succeeded.</summary>
    public static Failure? Explained(ApiAnswer answer) =>
        answer is { Failure: { } failure, Status: HttpStatusCode.Unauthorized } ? failure with { Fixes = KeyFixes } : answer.Failure;
}
