using System.Text;
using ClawEvents.Broker.Protocol.Commands;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Protocol;

/// <summary>A command in words, so that commands that came in different encodings can be compared. Looks at every byte of its request.</summary>
internal static class CommandText
{
    public static string Of(in Command command)
    {
        var text = new StringBuilder($"{command.Kind} {command.Id}");
        switch (command.Kind)
        {
            case CommandKind.Connect:
                Add(text, command.Connect);
                break;
            case CommandKind.Subscribe:
                Add(text, command.Subscribe);
                break;
            case CommandKind.Unsubscribe:
                Add(text, "channel", command.Unsubscribe.Channel);
                break;
            case CommandKind.Publish:
                Add(text, command.Publish);
                break;
            case CommandKind.Presence:
                Add(text, "channel", command.Presence.Channel);
                break;
            case CommandKind.PresenceStats:
                Add(text, "channel", command.PresenceStats.Channel);
                break;
            case CommandKind.History:
                Add(text, command.History);
                break;
            case CommandKind.Rpc:
                Add(text, command.Rpc.Data);
                Add(text, "method", command.Rpc.Method);
                break;
            case CommandKind.Send:
                Add(text, command.Send.Data);
                break;
            case CommandKind.Refresh:
                Add(text, "token", command.Refresh.Token);
                break;
            case CommandKind.SubRefresh:
                Add(text, command.SubRefresh);
                break;
        }

        return text.ToString();
    }

    /// <summary>A connect that came alone, without an id: as if it had 1.</summary>
    public static string Of(in ConnectCommand connect) => Of(new Command(CommandKind.Connect, 1) { Connect = connect });

    private static void Add(StringBuilder text, in ConnectCommand connect)
    {
        var details = connect.Details ?? ConnectDetails.None;
        Add(text, "token", connect.Token);
        Add(text, connect.Data);
        text.Append(details.Name.Length > 0 ? $" name={details.Name}" : "");
        text.Append(details.Version.Length > 0 ? $" version={details.Version}" : "");
        foreach (var (channel, subscribe) in details.Subscriptions.OrderBy(one => one.Key, StringComparer.Ordinal))
        {
            text.Append($" {channel}:[{Of(new Command(CommandKind.Subscribe, 0) { Subscribe = subscribe })}]");
        }

        foreach (var (name, value) in details.Headers.OrderBy(one => one.Key, StringComparer.Ordinal))
        {
            text.Append($" {name}:{value}");
        }
    }

    private static void Add(StringBuilder text, in SubscribeCommand subscribe)
    {
        Add(text, "channel", subscribe.Channel);
        Add(text, "token", subscribe.Token);
        Add(text, subscribe.Data);
        Add(text, subscribe.Wish);
        Add(text, "type", subscribe.Type);
        Add(text, "phase", subscribe.Page.Phase);
        Add(text, "cursor", subscribe.Page.Cursor);
        Add(text, "limit", subscribe.Page.Limit);
        Add(text, "asc", subscribe.Page.Ascending);
    }

    private static void Add(StringBuilder text, in SubscriptionWish wish)
    {
        Add(text, wish.Offset, wish.Epoch);
        text.Append(wish.Delta is not DeltaType.None ? $" delta={wish.Delta}" : "");
        Add(text, "recover", wish.Recover);
        Add(text, "reject", wish.RejectUnrecovered);
        Add(text, "positioned", wish.Positioned);
        Add(text, "recoverable", wish.Recoverable);
        Add(text, "join_leave", wish.JoinLeave);
        Add(text, "filter", wish.Filter is not null);
    }

    private static void Add(StringBuilder text, in PublishCommand publish)
    {
        Add(text, "channel", publish.Channel);
        Add(text, publish.Data);
        Add(text, "type", publish.Type);
        Add(text, "key", publish.Key);
        Add(text, "removed", publish.Removed);
    }

    private static void Add(StringBuilder text, in HistoryCommand history)
    {
        Add(text, "channel", history.Channel);
        Add(text, history.Offset, history.Epoch);
        Add(text, "limit", history.Limit);
        Add(text, "since", history.HasSince);
        Add(text, "reverse", history.Reverse);
    }

    private static void Add(StringBuilder text, in SubRefreshCommand refresh)
    {
        Add(text, "channel", refresh.Channel);
        Add(text, "token", refresh.Token);
        Add(text, "type", refresh.Type);
        foreach (var batch in refresh.Keys?.Batches ?? [])
        {
            text.Append($" track {batch.Signature}:[{string.Join(' ', batch.Items.Select(item => $"{item.Key}@{item.Version}"))}]");
        }

        text.Append(refresh.Keys is { Untracked: { Count: > 0 } untracked } ? $" untrack [{string.Join(' ', untracked)}]" : "");
    }

    private static void Add(StringBuilder text, ulong offset, ReadOnlyMemory<byte> epoch)
    {
        Add(text, "epoch", epoch);
        text.Append(offset > 0 ? $" offset={offset}" : "");
    }

    private static void Add(StringBuilder text, ReadOnlyMemory<byte>? data) => text.Append(data is { } value ? $" data=<{value.Text()}>" : "");

    private static void Add(StringBuilder text, string name, ReadOnlyMemory<byte> value) => text.Append(value.IsEmpty ? "" : $" {name}={value.Text()}");

    private static void Add(StringBuilder text, string name, int value) => text.Append(value != 0 ? $" {name}={value}" : "");

    private static void Add(StringBuilder text, string name, bool value) => text.Append(value ? $" {name}" : "");
}
