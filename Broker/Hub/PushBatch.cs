using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Hub;

/// <summary>Pushes of one channel that a reactor delivers together: what all subscribers of a wire get is laid end to end once, and sent to each with one system call.</summary>
/// <remarks>Each reactor's thread has one and uses it again and again.</remarks>
internal sealed class PushBatch
{
    /// <summary>More leaves with the next batch: a longer send costs the others more than it saves.</summary>
    public const int MaxBytes = 64 * 1024;

    private const int KeptBytes = 2 * MaxBytes;

    [ThreadStatic]
    private static PushBatch? _ofThisThread;

    private readonly List<ChannelPush> _pushes = [];
    private readonly SharedFrames?[] _frames = new SharedFrames?[Wire.Count];
    private readonly FramesState[] _states = new FramesState[Wire.Count];

    /// <summary>Of this thread. One at a time.</summary>
    public static PushBatch OfThisThread() => _ofThisThread ??= new();

    public IReadOnlyList<ChannelPush> Pushes => _pushes;

    public ChannelPush First => _pushes[0];

    public ChannelPush Last => _pushes[^1];

    /// <summary>No joins, leaves or interruptions.</summary>
    public bool HasOnlyPublications { get; private set; }

    /// <summary>Each publication has an offset, one more than the one before it, and all have the same epoch.</summary>
    public bool IsContiguous { get; private set; }

    /// <summary>Begins with a part of a list.</summary>
    /// <param name="pushes">Of one channel, in its order.</param>
    /// <param name="start">The first one of the batch.</param>
    /// <returns>The index behind its last one.</returns>
    public int Begin(List<ChannelPush> pushes, int start)
    {
        _pushes.Clear();
        Array.Clear(_states);
        var end = start;
        for (var bytes = 0; end < pushes.Count && bytes < MaxBytes; end++)
        {
            _pushes.Add(pushes[end]);
            bytes += pushes[end].DataBytes;
        }

        HasOnlyPublications = _pushes.TrueForAll(push => push.Kind is PushKind.Publication);
        IsContiguous = HasOnlyPublications && IsRun();
        return end;
    }

    /// <summary>Forgets the pushes.</summary>
    public void End()
    {
        _pushes.Clear();
        foreach (var frames in _frames)
        {
            frames?.Trim(KeptBytes);
        }
    }

    /// <summary>The frames of publications, whole and without deltas, as all subscribers of a wire get them.</summary>
    /// <param name="wire">The index of the <see cref="Wire"/>.</param>
    /// <returns>Null when one of them cannot be written on this wire.</returns>
    public SharedFrames? FramesFor(int wire)
    {
        ref var state = ref _states[wire];
        if (state is FramesState.Unmade)
        {
            state = TryLay(_frames[wire] ??= new(), wire) ? FramesState.Made : FramesState.Impossible;
        }

        return state is FramesState.Made ? _frames[wire] : null;
    }

    private bool TryLay(SharedFrames frames, int wire)
    {
        frames.Begin();
        if (_pushes.Count == 1)
        {
            var single = First.FrameFor(wire, PublicationForm.Plain);
            frames.SetSingle(single);
            return single.Length > 0;
        }

        foreach (var push in _pushes)
        {
            var frame = push.FrameFor(wire, PublicationForm.Plain);
            if (frame.Length == 0)
            {
                return false;
            }

            frames.Add(frame);
        }

        return true;
    }

    private bool IsRun()
    {
        for (var i = 0; i < _pushes.Count; i++)
        {
            var position = _pushes[i].Position;
            if (position.Offset == 0 || (i > 0 && (position.Offset != _pushes[i - 1].Position.Offset + 1 || position.Epoch != _pushes[i - 1].Position.Epoch)))
            {
                return false;
            }
        }

        return true;
    }

    private enum FramesState : byte
    {
        Unmade,
        Made,
        Impossible,
    }
}
