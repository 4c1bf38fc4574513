using System.Text;

namespace ClawEvents.Cli.Output;

/// <summary>A line on the terminal that says what is waited for: it comes when the wait gets long and goes with it.</summary>
/// <remarks>The timer's thread and the owner's meet at the gate, so that the line is never drawn after it was taken back.</remarks>
internal sealed class WaitLine : IDisposable
{
    // What people take for at once: most requests never show the line.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(700);

    private readonly Lock _gate = new();
    private readonly OutputStreams _streams;
    private readonly string _line;
    private readonly Timer _timer;
    private bool _shown;
    private bool _over;

    /// <param name="streams">Their stderr is a terminal.</param>
    /// <param name="line">Without a line end.</param>
    public WaitLine(OutputStreams streams, string line)
    {
        (_streams, _line) = (streams, line);
        _timer = new Timer(static line => ((WaitLine)line!).Show(), this, Patience, Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        _timer.Dispose();
        lock (_gate)
        {
            _over = true;
            if (_shown)
            {
                // To the line's begin, and nothing is left behind it.
                _streams.WriteError("\r\e[K"u8);
            }
        }
    }

    private void Show()
    {
        lock (_gate)
        {
            if (!_over)
            {
                _shown = true;
                _streams.WriteError(Encoding.UTF8.GetBytes(_line));
            }
        }
    }
}
