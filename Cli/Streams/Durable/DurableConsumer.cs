using System.Text.Json;
using ClawEvents.Cli.Config;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Streams.Durable;

// NAME.json: {"server":"wss://…","channels":{"c":{"epoch":"…","offset":7,"done":[]}}}
// NAME.lock: empty, held while a process uses the consumer
// NAME.dead.jsonl: messages that were given up
/// <summary>A consumer with a name: its cursors are on disk, so that it continues where it was after a restart, a crash or a reboot.
/// One process at a time uses it.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class DurableConsumer : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Lock _disk = new();
    private readonly Dictionary<string, ChannelCursor> _cursors = new(StringComparer.Ordinal);
    private readonly string _file;
    private readonly string _server;
    private readonly FileStream _owner;
    private long _changes;
    private long _saved;

    private DurableConsumer(string file, string server, FileStream owner) => (_file, _server, _owner) = (file, server, owner);

    /// <summary>Where messages go that were given up, unless another file is named.</summary>
    public string DeadLetterFile => Path.ChangeExtension(_file, ".dead.jsonl");

    /// <summary>The folder of all consumers, beside the config file.</summary>
    public static string FolderBeside(string configFile) => Path.Combine(Path.GetDirectoryName(configFile)!, "durable");

    /// <summary>Opens a consumer, a new one too, and keeps it from other processes.</summary>
    /// <param name="name">Letters, digits, <c>_</c> and <c>-</c>, at most 64.</param>
    /// <param name="server">The address to which it belongs: offsets of another server mean nothing.</param>
    public static (DurableConsumer? Consumer, Failure? Failure) Open(string folder, string name, string server)
    {
        if (!ContextFiles.IsName(name))
        {
            return (null, new Failure($"Invalid --durable name: {name}", "Use letters, digits, _ and -, for example: --durable mailer"));
        }
        var file = Path.Combine(folder, $"{name}.json");
        try
        {
            var consumer = new DurableConsumer(file, server, PrivateFile.OpenAlone(Path.ChangeExtension(file, ".lock"), FileMode.OpenOrCreate));
            if (consumer.Load() is not { } failure)
            {
                return (consumer, null);
            }
            consumer.Dispose();
            return (null, failure);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return (null, exception.HResult == Locked
                ? new Failure($"The durable consumer {name} is in use by another process", "End that one, or use another name")
                : new Failure($"Cannot use the durable consumer {name}: {SystemText.Reason(exception)}", $"Make the folder writable: {folder}"));
        }
    }

    /// <summary>Where it continues; null for a channel that is new to it.</summary>
    public StartPlace? StartOf(string channel)
    {
        lock (_gate)
        {
            return _cursors.TryGetValue(channel, out var cursor) ? new(cursor.Position, cursor.NotBefore) : null;
        }
    }

    /// <summary>Begins, or continues, a channel that the server has accepted; on disk when it returns.</summary>
    /// <param name="subscription">Its position is where it begins; without one nothing is kept.</param>
    /// <exception cref="IOException">It cannot be saved.</exception>
    public void Begin(Subscription subscription)
    {
        if (subscription.Position is not { } position)
        {
            return;
        }
        lock (_gate)
        {
            if (_cursors.GetValueOrDefault(subscription.Channel)?.Position.Epoch == position.Epoch)
            {
                return;
            }
            _cursors[subscription.Channel] = ChannelCursor.From(position, subscription.NotBefore);
            _changes++;
        }
        Save();
    }

    /// <summary>Notes that a message has arrived.</summary>
    /// <returns>false if it has been handled already.</returns>
    public bool Receive(MessagePlace place)
    {
        lock (_gate)
        {
            return !place.IsStored || CursorOf(place)?.Receive(place.Position.Offset) is not false;
        }
    }

    /// <summary>Notes that messages have been handled; on disk after the next <see cref="Save"/>.</summary>
    public void MarkDone(IReadOnlyList<MessagePlace> places)
    {
        lock (_gate)
        {
            foreach (var place in places)
            {
                CursorOf(place)?.MarkDone(place.Position.Offset);
            }
            _changes++;
        }
    }

    /// <summary>Notes messages that nobody can read any more.</summary>
    public void Skip(Gap gap)
    {
        lock (_gate)
        {
            CursorOf(new(gap.Channel, gap.Next))?.Skip(gap.Next.Offset);
            _changes++;
        }
    }

    /// <summary>Whether a message that is not handled now comes again at the next start.</summary>
    public bool ComesAgain(MessagePlace place)
    {
        lock (_gate)
        {
            return CursorOf(place) is not null;
        }
    }

    /// <summary>Writes the cursors, unless they are on disk already. A caller that comes while another thread writes
    /// waits for it, and often finds its own changes saved.</summary>
    /// <exception cref="IOException">The disk does not take them.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder was made unwritable.</exception>
    public void Save()
    {
        var wanted = Interlocked.Read(ref _changes);
        lock (_disk)
        {
            if (_saved >= wanted)
            {
                return;
            }
            var (content, changes) = Encode();
            PrivateFile.Replace(_file, content);
            _saved = changes;
        }
    }

    /// <summary>Lets another process use it. The last changes must have been saved.</summary>
    public void Dispose() => _owner.Dispose();

    // EWOULDBLOCK of Linux and of macOS, ERROR_SHARING_VIOLATION of Windows: what the runtime gives for a file that is open elsewhere.
    private static int Locked { get; } = OperatingSystem.IsWindows() ? unchecked((int)0x80070020) : OperatingSystem.IsMacOS() ? 35 : 11;

    private ChannelCursor? CursorOf(MessagePlace place) =>
        place.IsStored && _cursors.TryGetValue(place.Channel, out var cursor) && cursor.Position.Epoch == place.Position.Epoch ? cursor : null;

    private Failure? Load()
    {
        if (!File.Exists(_file))
        {
            return null;
        }
        var json = JsonText.TryParse(File.ReadAllBytes(_file));
        if (json?.StringMember("server"u8) is { } server && server != _server)
        {
            return new Failure($"The durable consumer belongs to another server: {server}", "Use another name for this server", $"Or remove the file: {_file}");
        }
        return json?.Member("channels"u8) is { ValueKind: JsonValueKind.Object } channels && channels.EnumerateObject().All(TryAdd)
            ? null
            : new Failure($"The durable consumer's file cannot be read: {_file}", "Restore it from a backup", "Or remove it: the consumer then starts again with what is published from now on");
    }

    private bool TryAdd(JsonProperty channel)
    {
        if (ChannelCursor.Read(channel.Value) is not { } cursor)
        {
            return false;
        }
        _cursors[channel.Name] = cursor;
        return true;
    }

    private (byte[] Content, long Changes) Encode()
    {
        lock (_gate)
        {
            return (JsonText.Object(WriteMembers), _changes);
        }
    }

    private void WriteMembers(Utf8JsonWriter json)
    {
        json.WriteString("server"u8, _server);
        json.WriteStartObject("channels"u8);
        foreach (var (channel, cursor) in _cursors)
        {
            json.WriteStartObject(channel);
            cursor.WriteTo(json);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }
}
