using System.Text;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Protocol;

/// <summary>A command in words, so that commands that came in different encodings can be compared. Looks at every byte of it.</summary>
internal static class CommandText
{
    public static string Of(in Command command)
    {
        var text = new StringBuilder($"{command.Kind} {command.Id}");
        Add(text, "channel", command.Channel);
        Add(text, "token", command.Token);
        text.Append(command.Data is { } data ? $" data=<{data.Text()}>" : "");
        Add(text, "epoch", command.Epoch);
        Add(text, "method", command.Method);
        text.Append(command.Offset > 0 ? $" offset={command.Offset}" : "");
        text.Append(command.Limit != 0 ? $" limit={command.Limit}" : "");
        text.Append(command.Delta is not DeltaType.None ? $" delta={command.Delta}" : "");
        Add(text, "since", command.HasSince);
        Add(text, "reverse", command.Reverse);
        Add(text, "recover", command.Recover);
        Add(text, "reject", command.RejectUnrecovered);
        Add(text, "positioned", command.Positioned);
        Add(text, "recoverable", command.Recoverable);
        Add(text, "join_leave", command.JoinLeave);
        Add(text, "filter", command.Filter is not null);
        Add(text, "other_type", command.HasOtherType);
        return command.Connect is { } connect ? text.Append(Of(connect)).ToString() : text.ToString();
    }

    private static string Of(ConnectRequest connect)
    {
        var text = new StringBuilder();
        text.Append(connect.Name.Length > 0 ? $" name={connect.Name}" : "");
        text.Append(connect.Version.Length > 0 ? $" version={connect.Version}" : "");
        foreach (var (channel, subscribe) in connect.Subscriptions.OrderBy(one => one.Key, StringComparer.Ordinal))
        {
            text.Append($" {channel}:[{Of(subscribe)}]");
        }

        foreach (var (name, value) in connect.Headers.OrderBy(one => one.Key, StringComparer.Ordinal))
        {
            text.Append($" {name}:{value}");
        }

        return text.ToString();
    }

    private static void Add(StringBuilder text, string name, ReadOnlyMemory<byte> value) => text.Append(value.IsEmpty ? "" : $" {name}={value.Text()}");

    private static void Add(StringBuilder text, string name, bool value) => text.Append(value ? $" {name}" : "");
}
