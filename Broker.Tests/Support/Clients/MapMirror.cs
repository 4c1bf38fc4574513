using System.Text.Json;

namespace ClawEvents.Broker.Tests.Support.Clients;

/// <summary>A client that keeps a copy of a map, as the official client does: it reads pages until it is live, and begins again when the broker says so.</summary>
/// <param name="connect">Opens a connection, and another one when the broker closes it because a change is missing.</param>
/// <param name="channel">A map.</param>
/// <param name="delta">Asks for deltas.</param>
internal sealed class MapMirror(Func<ClientLink> connect, string channel, bool delta = false)
{
    private const int UnrecoverablePosition = 112;

    private readonly Dictionary<string, string> _entries = [];
    private ClientLink _link = connect();
    private int _id = 1;
    private int _phase = 2;
    private string _cursor = "";
    private (ulong Offset, string Epoch)? _position;
    private bool _recovers;

    /// <summary>The copy: what a subscriber shows.</summary>
    public IReadOnlyDictionary<string, string> Entries => _entries;

    public bool IsLive { get; private set; }

    public string LastMessage { get; private set; } = "";

    /// <summary>How often the client had to begin again.</summary>
    public int Restarts { get; private set; }

    public int Patches { get; private set; }

    /// <summary>Asks for the next page unless it is live, and takes what the broker sent.</summary>
    public void Step()
    {
        if (!IsLive)
        {
            var position = _position is { } known ? $",\"offset\":{known.Offset},\"epoch\":\"{known.Epoch}\"" : "";
            _link.Send($"{{\"id\":{++_id},\"subscribe\":{{\"channel\":\"{channel}\",\"type\":1,\"phase\":{_phase},\"limit\":2{position}"
                + $"{(_cursor.Length > 0 ? $",\"cursor\":\"{_cursor}\"" : "")}{(_recovers ? ",\"recover\":true" : "")}{(delta ? ",\"delta\":\"fossil\"" : "")}}}}}");
        }

        Take();
    }

    /// <summary>Takes what the broker sent.</summary>
    public void Take()
    {
        foreach (var frame in _link.Frames())
        {
            LastMessage = $"{frame}";
            if (LastMessage == "close 3010 insufficient state")
            {
                _link = connect();
                Resume();
                return;
            }

            using var message = JsonDocument.Parse(LastMessage);
            Take(message.RootElement);
        }
    }

    /// <summary>Ends the subscription, and later goes on from where it was.</summary>
    public void Leave()
    {
        _link.Send($"{{\"id\":{++_id},\"unsubscribe\":{{\"channel\":\"{channel}\"}}}}");
        Take();
        Resume();
    }

    private void Take(JsonElement message)
    {
        if (message.TryGetProperty("error", out var error))
        {
            Assert.That(error.GetProperty("code").GetInt32(), Is.EqualTo(UnrecoverablePosition), $"{message}");
            BeginAgain();
        }
        else if (message.TryGetProperty("subscribe", out var reply))
        {
            TakePage(reply);
        }
        else if (message.TryGetProperty("push", out var push))
        {
            TakePush(push);
        }
    }

    private void TakePage(JsonElement page)
    {
        foreach (var entry in List(page, "state"))
        {
            Apply(entry, _entries);
        }

        foreach (var change in List(page, "publications"))
        {
            Apply(change, _entries);
        }

        _cursor = page.TryGetProperty("cursor", out var cursor) ? cursor.GetString()! : "";
        _phase = page.TryGetProperty("phase", out var phase) ? phase.GetInt32() : 0;
        IsLive = _phase == 0;
        if (IsLive || _phase == 1 || _position is null)
        {
            _position = (Number(page, "offset"), page.TryGetProperty("epoch", out var epoch) ? epoch.GetString()! : "");
        }

        _recovers = IsLive && page.TryGetProperty("recoverable", out _);
        if (_phase == 2 && _cursor.Length == 0)
        {
            _phase = 1;
        }
    }

    private void TakePush(JsonElement push)
    {
        if (push.TryGetProperty("unsubscribe", out var end))
        {
            Assert.That(end.GetProperty("code").GetInt32(), Is.EqualTo(2500));
            Resume();
            return;
        }

        Assert.That(IsLive, Is.True, "nothing is pushed before the reply");
        var change = push.GetProperty("pub");
        Apply(change, _entries);
        if (Number(change, "offset") is > 0 and var offset)
        {
            Assert.That(offset, Is.EqualTo(_position!.Value.Offset + 1), "no change is lost or doubled");
            _position = _position.Value with { Offset = offset };
        }
    }

    private void Apply(JsonElement change, Dictionary<string, string> entries)
    {
        var key = change.GetProperty("key").GetString()!;
        if (change.TryGetProperty("removed", out _))
        {
            entries.Remove(key);
            return;
        }

        var data = change.GetProperty("data");
        if (change.TryGetProperty("delta", out _))
        {
            Patches++;
            entries[key] = FossilPatch.Apply(entries[key].Utf8(), data.GetString()!.Utf8()).Text();
        }
        else
        {
            entries[key] = delta ? data.GetString()! : data.GetRawText();
        }
    }

    private void Resume()
    {
        IsLive = false;
        if (_recovers)
        {
            _phase = 1;
        }
        else
        {
            BeginAgain();
        }
    }

    private void BeginAgain()
    {
        Restarts++;
        _entries.Clear();
        (_phase, _cursor, _position, _recovers, IsLive) = (2, "", null, false, false);
    }

    private static JsonElement.ArrayEnumerator List(JsonElement page, string name) => page.TryGetProperty(name, out var list) ? list.EnumerateArray() : default;

    private static ulong Number(JsonElement element, string name) => element.TryGetProperty(name, out var number) ? number.GetUInt64() : 0;
}
