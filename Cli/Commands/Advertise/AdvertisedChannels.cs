using System.Globalization;
using System.Text.Json;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Advertise;

/// <summary>Reads lists of channels that the server returns in pages.</summary>
internal static class AdvertisedChannels
{
    private const int PageLength = 1000;

    /// <summary>Requests pages until the list is complete.</summary>
    /// <returns>The channels, and the error if a request failed.</returns>
    /// <remarks>A server without pages sends no <c>total</c>: its first answer is the whole list.</remarks>
    public static async Task<(IReadOnlyList<JsonElement> Channels, Failure? Failure)> ReadAsync(
        Invocation invocation, string path, string refused)
    {
        var channels = new List<JsonElement>();
        var page = path;
        while (true)
        {
            var answer = await invocation.AskAsync(new ApiRequest(HttpMethod.Get, page, refused));
            if (answer.Failure is not null)
            {
                return (channels, answer.Failure);
            }
            var before = channels.Count;
            channels.AddRange(answer.List("channels"u8));
            if (channels.Count == before || channels.Count >= (answer.Json?.IntegerMember("total"u8) ?? 0))
            {
                return (channels, null);
            }
            page = string.Create(CultureInfo.InvariantCulture, $"{path}?offset={channels.Count}&limit={PageLength}");
        }
    }
}
