using System.Globalization;
using System.Text;

namespace ClawEvents.Cli.Bench;

/// <summary>A line on the terminal that counts while a benchmark runs, gone when it is disposed.</summary>
internal sealed class BenchProgress : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly Stream _terminal = Console.OpenStandardError();
    private readonly BenchRun _run;
    private readonly Timer _timer;
    private (long Sent, long Received) _before;
    private bool _isOver;

    /// <param name="run">Its standard error is a terminal.</param>
    public BenchProgress(BenchRun run)
    {
        _run = run;
        _timer = new Timer(static progress => ((BenchProgress)progress!).Draw(), this, Interval, Interval);
    }

    public void Dispose()
    {
        _timer.Dispose();
        lock (_gate)
        {
            _isOver = true;
            Write("\r\e[K");
            _terminal.Dispose();
        }
    }

    private void Draw()
    {
        lock (_gate)
        {
            if (_isOver)
            {
                return;
            }
            var now = (Sent: _run.Publishers.Sum(publisher => publisher.Meter.Messages), Received: _run.Subscribers.Sum(subscriber => subscriber.Meter.Messages));
            Write(string.Create(CultureInfo.InvariantCulture, $"\r\e[K{now.Sent:#,0} published ({(now.Sent - _before.Sent) / Interval.TotalSeconds:#,0}/s), {now.Received:#,0} received ({(now.Received - _before.Received) / Interval.TotalSeconds:#,0}/s)"));
            _before = now;
        }
    }

    private void Write(string text)
    {
        try
        {
            _terminal.Write(Encoding.UTF8.GetBytes(text));
            _terminal.Flush();
        }
        catch (IOException)
        {
            // The terminal is gone; the result still counts.
        }
    }
}
