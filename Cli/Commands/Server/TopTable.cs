using System.Text;
using System.Text.Json;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Server;

/// <summary>An answer of <c>/api/top</c> as a table: names last, since they have any length.</summary>
internal static class TopTable
{
    // As wide as the largest numbers that are likely; larger ones push the rest of their line to the right.
    private const int Width = 14;

    public static string Of(ApiAnswer answer)
    {
        var by = answer.Text("by"u8);
        string[] columns = by is null ? ["messages", "bytes", "deliveries", "subscribers", "seconds"]
            : by == "subscribers" ? ["count", "error"]
            : ["count", "perSecond", "error"];
        var text = new StringBuilder();
        foreach (var column in columns)
        {
            text.Append((column == "count" ? by! : column).ToUpperInvariant().PadLeft(Width));
        }

        text.Append("  CHANNEL\n");
        foreach (var channel in answer.List("channels"u8))
        {
            AppendRow(text, columns, channel);
        }

        return text.Append(Footer(answer, by)).ToString();
    }

    private static void AppendRow(StringBuilder text, string[] columns, JsonElement channel)
    {
        foreach (var column in columns)
        {
            text.Append((channel.TryGetProperty(column, out var value) ? value.GetRawText() : "").PadLeft(Width));
        }

        text.Append("  ").Append(PlainText.Of(channel.StringMember("channel"u8) ?? "")).Append('\n');
    }

    private static string Footer(ApiAnswer answer, string? by)
    {
        var nodes = answer.List("nodes"u8).Count();
        var of = $"{nodes} node{(nodes == 1 ? "" : "s")}";
        return by is null ? $"Exact since the first question, {of}\n"
            : by == "subscribers" ? $"Now, {of}; no other channel has more than {answer.Member("others"u8)}\n"
            : $"In the last {answer.Member("seconds"u8)} s, {of}; a count may be too high by its error; no other channel has more than {answer.Member("others"u8)}\n";
    }
}
