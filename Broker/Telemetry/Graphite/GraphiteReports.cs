using System.Net.Sockets;

namespace ClawEvents.Broker.Telemetry.Graphite;

/// <summary>Sends the metrics to Graphite, again and again. A Graphite that is away costs a line in the log and the reports of that time.</summary>
internal sealed partial class GraphiteReports(GraphiteOptions options, GraphiteReader reader, TimeProvider time, ILogger<GraphiteReports> logger) : BackgroundService
{
    // Of connecting and sending together. A report has some 100 KB at most.
    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(5);

    private bool _isAway;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await ReportAsync(reader.Read(time.GetUtcNow()), stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The broker stops.
        }
    }

    private async Task ReportAsync(ReadOnlyMemory<byte> lines, CancellationToken stop)
    {
        try
        {
            await SendAsync(lines, stop);
            if (_isAway)
            {
                Log.Back(logger, options.Host, options.Port);
            }

            _isAway = false;
        }
        catch (Exception exception) when (exception is SocketException or IOException || (exception is OperationCanceledException && !stop.IsCancellationRequested))
        {
            if (!_isAway)
            {
                Log.Away(logger, options.Host, options.Port, exception is OperationCanceledException ? "it did not answer in time" : exception.Message);
            }

            _isAway = true;
        }
    }

    private async Task SendAsync(ReadOnlyMemory<byte> lines, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(SendTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        using var client = new TcpClient();
        await client.ConnectAsync(options.Host, options.Port, either.Token);
        await client.GetStream().WriteAsync(lines, either.Token);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Graphite at {Host}:{Port} does not take the metrics: {Reason}. They are sent again at every interval.")]
        public static partial void Away(ILogger logger, string host, int port, string reason);

        [LoggerMessage(2, LogLevel.Information, "Graphite at {Host}:{Port} takes the metrics again.")]
        public static partial void Back(ILogger logger, string host, int port);
    }
}
