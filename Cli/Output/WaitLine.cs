using System.Text;

namespace ClawEvents.Cli.Output;

/// <summary>A temporary line on the terminal that says what the program waits for; shown only during long waits.</summary>
/// <remarks>A gate between the timer's thread and the owner's ensures that the line is not drawn after it was erased.</remarks>
internal sealed class WaitLine : IDisposable
{
    // People perceive less as immediate: most requests never show the line.
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
        _timer = new Timer(static line => ((WaitLine)line!).DrawLine(), this, Patience, Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        _timer.Dispose();
        lock (_gate)
        {
            _over = true;
            if (_shown)
            {
                // Back to the start of the line, and erase it.
                _streams.WriteError("\r\e[K"u8);
            }
        }
    }

    private void DrawLine()
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
