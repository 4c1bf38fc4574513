using System.Globalization;
using System.Text.Json;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Advertise;

/// <summary>Lists of channels that the server gives in pages.</summary>
internal static class AdvertisedChannels
{
    private const int PageLength = 1000;

    /// <summary>Asks until the list is whole.</summary>
    /// <returns>What was read, or why not.</returns>
    /// <remarks>A server without pages says no <c>total</c>, and its one answer is the list.</remarks>
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
