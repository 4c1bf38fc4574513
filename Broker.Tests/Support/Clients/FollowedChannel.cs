using System.Text.Json;

namespace ClawEvents.Broker.Tests.Support.Clients;

internal enum FollowingState
{
    /// <summary>Not subscribed, or about to be.</summary>
    Away,

    Subscribed,

    /// <summary>Refused, or ended with a code after which clients do not subscribe again.</summary>
    Refused,
}

/// <summary>The messages that a client got about one channel, from the first subscription to the last.</summary>
/// <remarks>Thread-safe. Messages come in order, from one reader.</remarks>
internal sealed class FollowedChannel(string name)
{
    private readonly Lock _gate = new();
    private readonly List<Heard> _heard = [];
    private readonly List<string> _faults = [];
    private FollowingState _state;
    private bool _isFollowing;
    private ulong _offset;
    private string _epoch = "";

    public string Name { get; } = name;

    /// <summary>Called with the text of each publication when it has come.</summary>
    public Action<string>? OnPublication { get; set; }

    /// <summary>Whether the client is to subscribe.</summary>
    public bool IsWanted { get; set; } = true;

    public FollowingState State
    {
        get
        {
            lock (_gate)
            {
                return _state;
            }
        }
    }

    /// <summary>Publications and, where some may be missing, gaps.</summary>
    public Heard[] All
    {
        get
        {
            lock (_gate)
            {
                return [.. _heard];
            }
        }
    }

    /// <summary>Violations of the protocol.</summary>
    public string[] Faults
    {
        get
        {
            lock (_gate)
            {
                return [.. _faults];
            }
        }
    }

    public int Gaps => All.Count(heard => heard.IsGap);

    public bool Has(string text) => All.Any(heard => heard.Text == text);

    /// <summary>The parameters of a subscribe: the last position, if it has one.</summary>
    public string SubscribeParameters()
    {
        lock (_gate)
        {
            return _epoch.Length == 0
                ? $$"""{"channel":"{{Name}}"}"""
                : $$"""{"channel":"{{Name}}","recover":true,"offset":{{_offset}},"epoch":"{{_epoch}}"}""";
        }
    }

    public void TakeReply(JsonElement reply)
    {
        lock (_gate)
        {
            _state = FollowingState.Subscribed;
            var isRecovered = reply.TryGetProperty("recovered", out var recovered) && recovered.GetBoolean();
            if (_isFollowing && !isRecovered)
            {
                _heard.Add(Heard.Gap);
            }

            // The reply has the position before the publications that it contains.
            _isFollowing = true;
            var offset = reply.TryGetProperty("offset", out var number) ? number.GetUInt64() : 0;
            if (isRecovered && offset != _offset)
            {
                _faults.Add($"recovered from {offset} in place of {_offset}");
            }

            _offset = offset;
            _epoch = reply.TryGetProperty("epoch", out var epoch) ? epoch.GetString()! : "";
            if (reply.TryGetProperty("publications", out var publications))
            {
                foreach (var publication in publications.EnumerateArray())
                {
                    Add(publication);
                }
            }
        }
    }

    public void TakePublication(JsonElement publication)
    {
        lock (_gate)
        {
            if (_state is not FollowingState.Subscribed)
            {
                _faults.Add($"{publication} came while the subscription was {_state}");
            }

            Add(publication);
        }
    }

    /// <summary>The subscription is over, for good or not.</summary>
    public void Lose(bool isRefused = false)
    {
        lock (_gate)
        {
            _state = isRefused ? FollowingState.Refused : FollowingState.Away;
        }
    }

    public void AddFault(string fault)
    {
        lock (_gate)
        {
            _faults.Add(fault);
        }
    }

    private void Add(JsonElement publication)
    {
        var offset = publication.TryGetProperty("offset", out var number) ? number.GetUInt64() : 0;
        if (_epoch.Length > 0 && offset != _offset + 1)
        {
            _faults.Add($"{offset} came after {_offset}");
        }

        _offset = offset;
        var text = publication.GetProperty("data").ToString();
        _heard.Add(new(text, offset, _epoch));
        OnPublication?.Invoke(text);
    }
}

/// <param name="Text">Of a publication; null: a gap.</param>
/// <param name="Offset">0 without history.</param>
/// <param name="Epoch">Empty without history.</param>
internal readonly record struct Heard(string? Text, ulong Offset, string Epoch)
{
    public static Heard Gap => default;

    public bool IsGap => Text is null;
}
