using System.Buffers;
using System.Text.Json;
using ClawEvents.Cli.Streams.Durable;

namespace ClawEvents.Cli.Streams.Children;

/// <summary>Collects events until a batch is complete.</summary>
/// <remarks>Thread-safe: the clock runs beside the stream.</remarks>
internal sealed class EventBatch : IDisposable
{
    // {"batch":true,"count":,"messages":[],"timestamp":} with the longest numbers.
    private const int FrameBytes = 80;

    private static readonly TimeSpan ClockTick = TimeSpan.FromMilliseconds(1);

    private readonly BatchLimits _limits;
    private readonly int _maxBytes;
    private readonly TimeProvider _time;
    private readonly Action<HandOver> _handOver;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly ArrayBufferWriter<byte> _messages = new();
    private List<MessagePlace> _places = [];
    private long _firstAt;
    private long _lastAt;

    /// <param name="limits">When a batch is complete.</param>
    /// <param name="maxBytes">Size of a batch as JSON: an event that would not fit any more begins the next one. An event larger
    /// than that is a batch of its own.</param>
    /// <param name="time">For the limits and the batch's own timestamp.</param>
    /// <param name="handOver">Receives each complete batch. Called under the gate, which keeps batches in order, so it must not wait.</param>
    public EventBatch(BatchLimits limits, int maxBytes, TimeProvider time, Action<HandOver> handOver)
    {
        (_limits, _maxBytes, _time, _handOver) = (limits, maxBytes, time, handOver);
        _timer = time.CreateTimer(_ => CloseIfDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether a batch had to be handed over before its time because of <c>maxBytes</c>.</summary>
    public bool WasCutShort { get; private set; }

    /// <summary>Adds one event.</summary>
    /// <param name="json">One whole JSON object, UTF-8.</param>
    /// <param name="place">Where it lies in the history of its channel.</param>
    public void Add(ReadOnlySpan<byte> json, MessagePlace place)
    {
        lock (_gate)
        {
            if (_places.Count > 0 && _messages.WrittenCount + 1 + json.Length + FrameBytes > _maxBytes)
            {
                WasCutShort = true;
                CloseUnsynchronized();
            }
            AppendUnsynchronized(json, place);
            if (_places.Count >= _limits.Count)
            {
                CloseUnsynchronized();
            }
        }
    }

    /// <summary>Hands over the current batch, unless it is empty.</summary>
    public void Close()
    {
        lock (_gate)
        {
            CloseUnsynchronized();
        }
    }

    public void Dispose() => _timer.Dispose();

    private void AppendUnsynchronized(ReadOnlySpan<byte> json, MessagePlace place)
    {
        _lastAt = _time.GetTimestamp();
        if (_places.Count == 0)
        {
            _firstAt = _lastAt;
        }
        else
        {
            _messages.Write(","u8);
        }
        _messages.Write(json);
        _places.Add(place);
        if (_places.Count == 1)
        {
            SetTimerUnsynchronized();
        }
    }

    // Later messages only postpone the end, so the timer is adjusted when it fires, not once per message.
    private void CloseIfDue()
    {
        lock (_gate)
        {
            if (TimeLeftUnsynchronized() <= TimeSpan.Zero)
            {
                CloseUnsynchronized();
            }
            else if (_places.Count > 0)
            {
                SetTimerUnsynchronized();
            }
        }
    }

    private void SetTimerUnsynchronized()
    {
        if (TimeLeftUnsynchronized() is var left && left < TimeSpan.MaxValue)
        {
            _timer.Change(left > ClockTick ? left : ClockTick, Timeout.InfiniteTimeSpan);
        }
    }

    private TimeSpan TimeLeftUnsynchronized()
    {
        var quiet = _limits.Quiet - _time.GetElapsedTime(_lastAt) ?? TimeSpan.MaxValue;
        var age = _limits.Age - _time.GetElapsedTime(_firstAt) ?? TimeSpan.MaxValue;
        return quiet < age ? quiet : age;
    }

    private void CloseUnsynchronized()
    {
        if (_places.Count > 0)
        {
            _handOver(new HandOver(EncodeUnsynchronized(), _places, IsBatch: true));
            _messages.ResetWrittenCount();
            _places = [];
        }
    }

    private byte[] EncodeUnsynchronized()
    {
        var buffer = new ArrayBufferWriter<byte>(_messages.WrittenCount + FrameBytes);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteBoolean("batch"u8, true);
            json.WriteNumber("count"u8, _places.Count);
            json.WriteStartArray("messages"u8);
            // Events are copied as they are, with the commas between them.
            json.WriteRawValue(_messages.WrittenSpan, skipInputValidation: true);
            json.WriteEndArray();
            json.WriteNumber("timestamp"u8, _time.GetUtcNow().ToUnixTimeMilliseconds());
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }
}
