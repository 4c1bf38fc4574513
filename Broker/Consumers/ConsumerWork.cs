using ClawEvents.Broker.Api.Server;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Faults;

namespace ClawEvents.Broker.Consumers;

/// <summary>What the readers of all queues have in common: they carry out messages, try again what failed, come back after an outage, and are counted.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed partial class ConsumerWork(ConsumerOptions options, QueuedCommands commands, ConsumerLimits limits, TimeProvider time, ILogger<ConsumerWork> logger)
{
    private long _processed;
    private long _skipped;
    private long _errors;
    private long _lag;
    private int _away;
    private bool _hasWorked;

    public ConsumerOptions Options => options;

    /// <summary>Payloads up to this size are carried out.</summary>
    public int MaxPayloadBytes => limits.MaxPayloadBytes;

    public TimeProvider Time => time;

    public long Processed => Interlocked.Read(ref _processed);

    public long Skipped => Interlocked.Read(ref _skipped);

    public long Errors => Interlocked.Read(ref _errors);

    /// <summary>Messages that wait in the queue; 0 where its server does not say so.</summary>
    public long Lag
    {
        get => Interlocked.Read(ref _lag);
        set => Interlocked.Exchange(ref _lag, value);
    }

    /// <summary>Its server has answered, and answers.</summary>
    public bool IsOk => Volatile.Read(ref _hasWorked) && Volatile.Read(ref _away) == 0;

    /// <summary>Runs one session after the other, until it is cancelled. One that ends with an exception is followed by another one, after a while.</summary>
    /// <param name="session">Calls what it is given when its server has answered.</param>
    public async Task KeepRunningAsync(Func<Action, CancellationToken, Task> session, CancellationToken cancellation)
    {
        var failures = 0;
        var isAway = false;
        void OnAnswer()
        {
            failures = 0;
            Volatile.Write(ref _hasWorked, true);
            if (isAway)
            {
                isAway = false;
                OnBack();
            }
        }

        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await session(OnAnswer, cancellation);
            }
            catch (Exception exception) when (!cancellation.IsCancellationRequested)
            {
                failures++;
                if (!isAway)
                {
                    isAway = true;
                    OnAway(exception);
                }

                await WaitAsync(failures, cancellation);
            }
            catch (Exception exception) when (cancellation.IsCancellationRequested)
            {
                Log.Ended(logger, options.Name, exception.Message);
            }
        }
    }

    /// <summary>Carries out one message; one that can never be carried out is skipped.</summary>
    /// <returns>False when it failed for now.</returns>
    /// <param name="isRepeated">It has failed before: that is in the log.</param>
    public async ValueTask<bool> TryHandleAsync(string place, QueuedRequest request, bool isRepeated)
    {
        var answer = request.Payload.Length > limits.MaxPayloadBytes
            ? QueuedAnswer.Refused($"its payload has more than {limits.MaxPayloadBytes} bytes")
            : await RunAsync(request);
        switch (answer.Ending)
        {
            case QueuedEnding.Done:
                Interlocked.Increment(ref _processed);
                return true;
            case QueuedEnding.Refused:
                Skip(place, answer.Problem);
                return true;
            default:
                Interlocked.Increment(ref _errors);
                if (!isRepeated)
                {
                    Log.Failed(logger, options.Name, place, answer.Problem);
                }

                return false;
        }
    }

    /// <summary>Carries out one message, as often as it takes.</summary>
    public ValueTask HandleAsync(QueuedMessage message, CancellationToken cancellation) => HandleAsync(message, static () => ValueTask.CompletedTask, cancellation);

    /// <summary>Carries out one message, as often as it takes.</summary>
    /// <param name="message">Read by the form of the options.</param>
    /// <param name="beforeWait">Called before each wait for the next attempt.</param>
    public async ValueTask HandleAsync(QueuedMessage message, Func<ValueTask> beforeWait, CancellationToken cancellation)
    {
        if (QueuedRequest.TryRead(options.Form, message, out var request) is { } problem)
        {
            Skip(message.Place, problem);
            return;
        }

        for (var failures = 1; !await TryHandleAsync(message.Place, request, isRepeated: failures > 1); failures++)
        {
            await beforeWait();
            await WaitAsync(failures, cancellation);
        }
    }

    /// <summary>A message that can never be carried out.</summary>
    /// <param name="problem">Without anything of the payload.</param>
    public void Skip(string place, string problem)
    {
        Interlocked.Increment(ref _skipped);
        Interlocked.Increment(ref _errors);
        Log.Skipped(logger, options.Name, place, problem);
    }

    /// <param name="failures">In a row; 1 or more.</param>
    public Task WaitAsync(int failures, CancellationToken cancellation) => Task.Delay(ConsumerBackoff.After(failures, Random.Shared.NextDouble()), time, cancellation);

    private async ValueTask<QueuedAnswer> RunAsync(QueuedRequest request)
    {
        try
        {
            return request.Channels is { } channels
                ? await commands.PublishAsync(channels, new Publication(request.Payload.ToArray(), Tags: request.Tags), request.Options)
                : await commands.RunAsync(request.Method, request.Payload);
        }
        catch (Exception exception) when (exception is StoreUnavailableException or InvalidDataException)
        {
            // Logged by the store, or a key of the store that an operator has to look at.
            return new(QueuedEnding.Failed, exception.Message);
        }
    }

    private void OnAway(Exception exception)
    {
        Interlocked.Increment(ref _errors);
        if (Interlocked.Increment(ref _away) == 1)
        {
            Log.Away(logger, options.Name, options.Type, exception.GetBaseException() is var cause && cause != exception ? $"{exception.Message}: {cause.Message}" : exception.Message);
        }
    }

    private void OnBack()
    {
        if (Interlocked.Decrement(ref _away) == 0)
        {
            Log.Back(logger, options.Name, options.Type);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The queue {Consumer} ({Type}) is away: {Fault}. The broker tries again until it is back; no message is lost.")]
        public static partial void Away(ILogger logger, string consumer, string type, string fault);

        [LoggerMessage(2, LogLevel.Information, "The queue {Consumer} ({Type}) is back.")]
        public static partial void Back(ILogger logger, string consumer, string type);

        [LoggerMessage(3, LogLevel.Warning, "A message of the queue {Consumer} was skipped ({Place}): {Problem}.")]
        public static partial void Skipped(ILogger logger, string consumer, string place, string problem);

        [LoggerMessage(4, LogLevel.Warning, "A command of the queue {Consumer} failed ({Place}): {Problem}. It is tried again, and the messages after it wait.")]
        public static partial void Failed(ILogger logger, string consumer, string place, string problem);

        [LoggerMessage(5, LogLevel.Debug, "The reader of the queue {Consumer} has ended: {Reason}")]
        public static partial void Ended(ILogger logger, string consumer, string reason);
    }
}
