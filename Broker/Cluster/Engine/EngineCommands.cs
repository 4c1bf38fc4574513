using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster.Bus;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Redis.Resp;

namespace ClawEvents.Broker.Cluster.Engine;

/// <summary>Writes the engine's commands for Redis. Pure.</summary>
/// <param name="isInCluster">Then every publication is a script with a key of the channel, so that only the server that has the channel accepts it:
/// any server accepts <c>PUBLISH</c> itself.</param>
internal sealed class EngineCommands(BusNames names, bool isInCluster)
{
    private const string EpochLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int EpochLength = 8;

    /// <summary>Publications in a cluster end with one of these.</summary>
    private static ReadOnlySpan<byte> Direct => "$1\r\n0\r\n"u8;

    private static ReadOnlySpan<byte> Redirected => "$1\r\n1\r\n"u8;

    /// <summary>A publication for the server that is taking the channel's slot over, while nodes are still subscribed at the one that gives it away.</summary>
    /// <param name="publication">For a server of a cluster; it stays unchanged.</param>
    public static byte[] Redirect(ReadOnlySpan<byte> publication) => publication.EndsWith(Direct)
        ? [.. publication[..^Direct.Length], .. Redirected]
        : throw new ArgumentException("not a publication in a cluster", nameof(publication));

    /// <summary>For a publication without history.</summary>
    public byte[] Publish(ChannelName channel, in EnginePublication publication)
    {
        var message = Scratch.OfThisThread().Message;
        NodeEnvelope.WriteHeader(message, EnvelopeKind.Publication);
        PublicationBody.Write(message, publication.Publication);
        return publication.IdempotencyKey is { } key ? PublishOnce(channel, key, message.WrittenSpan) : Publish(channel, message.WrittenSpan);
    }

    /// <summary>For join and leave.</summary>
    public byte[] PublishClient(ChannelName channel, EnvelopeKind kind, ClientInfo client)
    {
        var message = Scratch.OfThisThread().Message;
        NodeEnvelope.WriteHeader(message, kind);
        PublicationBody.WriteClient(message, client);
        return Publish(channel, message.WrittenSpan);
    }

    /// <summary>For a publication with history on.</summary>
    public byte[] PublishKept(ChannelName channel, in EnginePublication publication)
    {
        var scratch = Scratch.OfThisThread();
        PublicationBody.Write(scratch.Message, publication.Publication);
        var command = scratch.Command;
        WritePublishing(command, EngineScript.Publish, EngineScript.PublishInCluster, keys: publication.IdempotencyKey is null ? 2 : 3, arguments: 11);
        ChannelKeys.WriteKey(command, ChannelKeys.Stream, channel);
        ChannelKeys.WriteKey(command, ChannelKeys.Meta, channel);
        if (publication.IdempotencyKey is { } key)
        {
            ChannelKeys.WriteOnceKey(command, channel, key);
        }

        command.WritePart(NodeEnvelope.Start);
        names.WriteName(command, channel);
        command.WritePart(scratch.Message.WrittenSpan);
        command.WritePart(publication.History.Size);
        command.WritePart(Milliseconds(publication.History.Ttl));
        command.WritePart(Milliseconds(publication.History.MetaTtl));
        command.WritePart(NewEpoch());
        command.WritePart(publication.WantsDelta ? 1 : 0);
        command.WritePart(publication.Version == 0 ? "" : publication.Version.ToString("D20", CultureInfo.InvariantCulture));
        command.WritePart(publication.VersionEpoch);
        command.WritePart(Milliseconds(IChannelEngine.IdempotencyTtl));
        return Finish(command);
    }

    public static byte[] Read(ChannelName channel, in HistoryFilter filter, TimeSpan metaTtl)
    {
        var command = Scratch.OfThisThread().Command;
        var (limit, first, last) = RangeOf(filter);
        WriteScript(command, EngineScript.Read, keys: 2, arguments: 6);
        ChannelKeys.WriteKey(command, ChannelKeys.Stream, channel);
        ChannelKeys.WriteKey(command, ChannelKeys.Meta, channel);
        command.WritePart(NewEpoch());
        command.WritePart(Milliseconds(metaTtl));
        command.WritePart(limit);
        command.WritePart(filter.Reverse ? last : first);
        command.WritePart(filter.Reverse ? first : last);
        command.WritePart(filter.Reverse ? "XREVRANGE" : "XRANGE");
        return command.WrittenSpan.ToArray();
    }

    public static byte[] RemoveHistory(ChannelName channel)
    {
        var command = Scratch.OfThisThread().Command;
        command.WriteCommand(2);
        command.WritePart("DEL"u8);
        ChannelKeys.WriteKey(command, ChannelKeys.Stream, channel);
        return command.WrittenSpan.ToArray();
    }

    /// <summary>Reads the position and leaves it unchanged, including its expiry.</summary>
    public static byte[] LookUpPosition(ChannelName channel)
    {
        var command = Scratch.OfThisThread().Command;
        command.WriteCommand(4);
        command.WritePart("HMGET"u8);
        ChannelKeys.WriteKey(command, ChannelKeys.Meta, channel);
        command.WritePart("o"u8);
        command.WritePart("e"u8);
        return command.WrittenSpan.ToArray();
    }

    /// <param name="ended">The epoch to replace; any other one stays.</param>
    /// <param name="below">It is replaced only if the offset is less.</param>
    public static byte[] RenewEpoch(ChannelName channel, string ended, ulong below)
    {
        var command = Scratch.OfThisThread().Command;
        WriteScript(command, EngineScript.RenewEpoch, keys: 2, arguments: 3);
        ChannelKeys.WriteKey(command, ChannelKeys.Stream, channel);
        ChannelKeys.WriteKey(command, ChannelKeys.Meta, channel);
        command.WritePart(ended);
        command.WritePart(NewEpoch());
        command.WritePart((long)below);
        return command.WrittenSpan.ToArray();
    }

    public static byte[] AddPresence(ChannelName channel, ClientInfo client, TimeSpan ttl)
    {
        var scratch = Scratch.OfThisThread();
        PublicationBody.WriteClient(scratch.Message, client);
        var command = scratch.Command;
        WritePresence(command, EngineScript.AddPresence, channel, arguments: 4);
        WriteClientId(command, client.Client);
        command.WritePart(scratch.Message.WrittenSpan);
        command.WritePart(client.User);
        command.WritePart(Milliseconds(ttl));
        return command.WrittenSpan.ToArray();
    }

    public static byte[] RemovePresence(ChannelName channel, Guid client)
    {
        var command = Scratch.OfThisThread().Command;
        WritePresence(command, EngineScript.RemovePresence, channel, arguments: 1);
        WriteClientId(command, client);
        return command.WrittenSpan.ToArray();
    }

    /// <param name="script"><see cref="EngineScript.GetPresence"/> or <see cref="EngineScript.CountPresence"/>.</param>
    public static byte[] AskPresence(EngineScript script, ChannelName channel)
    {
        var command = Scratch.OfThisThread().Command;
        WritePresence(command, script, channel, arguments: 0);
        return command.WrittenSpan.ToArray();
    }

    /// <summary>The head of a script's call; keys and arguments follow.</summary>
    public static void WriteScript(IBufferWriter<byte> output, EngineScript script, int keys, int arguments)
    {
        output.WriteCommand(3 + keys + arguments);
        output.WritePart("EVALSHA"u8);
        output.WritePart(script.Hash);
        output.WritePart(keys);
    }

    private byte[] Publish(ChannelName channel, ReadOnlySpan<byte> message)
    {
        var command = Scratch.OfThisThread(isForMessage: false).Command;
        if (isInCluster)
        {
            WriteScript(command, EngineScript.PublishHere, keys: 1, arguments: 3);
            ChannelKeys.WriteKey(command, ChannelKeys.Meta, channel);
        }
        else
        {
            command.WriteCommand(3);
            command.WritePart("PUBLISH"u8);
        }

        names.WriteName(command, channel);
        command.WritePart(message);
        return Finish(command);
    }

    private byte[] PublishOnce(ChannelName channel, string key, ReadOnlySpan<byte> message)
    {
        var command = Scratch.OfThisThread(isForMessage: false).Command;
        WritePublishing(command, EngineScript.PublishOnce, EngineScript.PublishOnceInCluster, keys: 1, arguments: 3);
        ChannelKeys.WriteOnceKey(command, channel, key);
        names.WriteName(command, channel);
        command.WritePart(message);
        command.WritePart(Milliseconds(IChannelEngine.IdempotencyTtl));
        return Finish(command);
    }

    private void WritePublishing(ArrayBufferWriter<byte> command, EngineScript alone, EngineScript inCluster, int keys, int arguments) =>
        WriteScript(command, isInCluster ? inCluster : alone, keys, isInCluster ? arguments + 1 : arguments);

    private byte[] Finish(ArrayBufferWriter<byte> publication)
    {
        publication.Write(isInCluster ? Direct : default);
        return publication.WrittenSpan.ToArray();
    }

    private static void WritePresence(IBufferWriter<byte> output, EngineScript script, ChannelName channel, int arguments)
    {
        WriteScript(output, script, keys: 3, arguments);
        ChannelKeys.WriteKey(output, ChannelKeys.Presence, channel);
        ChannelKeys.WriteKey(output, ChannelKeys.PresenceEnds, channel);
        ChannelKeys.WriteKey(output, ChannelKeys.PresenceUsers, channel);
    }

    private static void WriteClientId(IBufferWriter<byte> output, Guid client)
    {
        output.WritePartHead(NodeFieldReader.GuidBytes);
        output.WriteGuid(client);
        output.Write("\r\n"u8);
    }

    // Ids of a stream begin at 1. Redis refuses an expiry of 0 ms.
    private static (int Limit, string First, string Last) RangeOf(in HistoryFilter filter)
    {
        var limit = Math.Max(-1, filter.Limit);
        return filter switch
        {
            { Since: null } => (limit, "-", "+"),
            { Reverse: true, Since.Offset: 0 } or { Reverse: false, Since.Offset: ulong.MaxValue } => (0, "-", "+"),
            { Reverse: true } => (limit, "-", (filter.Since.Value.Offset - 1).ToString(CultureInfo.InvariantCulture)),
            _ => (limit, (filter.Since.Value.Offset + 1).ToString(CultureInfo.InvariantCulture), "+"),
        };
    }

    private static long Milliseconds(TimeSpan time) => Math.Max(1, (long)time.TotalMilliseconds);

    private static string NewEpoch() => RandomNumberGenerator.GetString(EpochLetters, EpochLength);

    // The command is copied before the call returns, so each thread has two buffers for all of them.
    private sealed class Scratch
    {
        // One large publication must not be kept for the life of the thread.
        private const int MaxKeptBytes = 1024 * 1024;

        [ThreadStatic]
        private static Scratch? _current;

        public ArrayBufferWriter<byte> Message { get; private set; } = new();

        public ArrayBufferWriter<byte> Command { get; private set; } = new();

        /// <param name="isForMessage">False: the buffer keeps the message that was written.</param>
        public static Scratch OfThisThread(bool isForMessage = true)
        {
            var scratch = _current ??= new Scratch();
            scratch.Command = Emptied(scratch.Command);
            scratch.Message = isForMessage ? Emptied(scratch.Message) : scratch.Message;
            return scratch;
        }

        private static ArrayBufferWriter<byte> Emptied(ArrayBufferWriter<byte> buffer)
        {
            if (buffer.Capacity > MaxKeptBytes)
            {
                return new ArrayBufferWriter<byte>();
            }

            buffer.ResetWrittenCount();
            return buffer;
        }
    }
}
