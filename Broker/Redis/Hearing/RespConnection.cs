using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Net.Sockets;
using ClawEvents.Broker.Faults;

namespace ClawEvents.Broker.Redis.Hearing;

/// <summary>One connection to one Redis server, until it ends: commands go out in a pipeline, answers come back in their order, pushes between them.</summary>
/// <remarks>
/// Thread-safe. A node subscribes over it and hears; all other commands go through the client library. Commands are copied into a pipe, so that nobody
/// waits to write. A connection to a silent server ends by itself: it pings when no command waits, and a
/// command without an answer for <see cref="RedisAddress.AnswerLimit"/> ends it. Then every command that waits fails.
/// </remarks>
internal sealed class RespConnection : IAsyncDisposable
{
    /// <summary>The interval between pings.</summary>
    public static readonly TimeSpan PingInterval = TimeSpan.FromMilliseconds(250);

    private const int SegmentBytes = 64 * 1024;

    private static readonly byte[] Ping = RespWriting.Command("PING");

    private readonly Stream _stream;
    private readonly string _name;
    private readonly TimeSpan _answerLimit;
    private readonly Func<ReadOnlyMemory<byte>, ValueTask>? _pushes;
    private readonly TaskCompletionSource _ending = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Pipe _output = new(new PipeOptions(minimumSegmentSize: SegmentBytes, pauseWriterThreshold: 0, useSynchronizationContext: false));
    private readonly Lock _gate = new();

    // Under the gate, as is writing into the pipe.
    private readonly Queue<Question> _unanswered = [];
    private StoreUnavailableException? _fault;

    // Of the question that is being answered. Belongs to the reader.
    private RespValue? _refusal;

    private long _answeredAt;
    private long _goesOnAt = Stopwatch.GetTimestamp();
    private bool _isStalled;

    /// <param name="stream">Owned by the connection from here on.</param>
    /// <param name="name">The server's address, for messages.</param>
    /// <param name="answerLimit">A command that waits longer ends the connection.</param>
    /// <param name="pushes">Handles one push, which is only valid until the task is complete; nothing more is read before. Does not throw.</param>
    public RespConnection(Stream stream, string name, TimeSpan answerLimit, Func<ReadOnlyMemory<byte>, ValueTask>? pushes = null)
    {
        _stream = stream;
        _name = name;
        _answerLimit = answerLimit;
        _pushes = pushes;
        Ended = RunAsync();
    }

    /// <summary>Complete when the connection has ended and no push is being handled any more; never fails.</summary>
    public Task Ended { get; }

    /// <summary>The reason of the end.</summary>
    public StoreUnavailableException? Fault
    {
        get
        {
            lock (_gate)
            {
                return _fault;
            }
        }
    }

    /// <summary>A timestamp of the system: everything that the server had sent until then has arrived. 0: nothing yet.</summary>
    public long HeardUpTo => Volatile.Read(ref _answeredAt);

    /// <summary>Sends one command and waits for its answer, which may be an error.</summary>
    /// <param name="command">Copied before this returns.</param>
    /// <exception cref="StoreUnavailableException">The connection has ended. The command may or may not have been carried out.</exception>
    public Task<RespValue> AskAsync(ReadOnlySpan<byte> command) => AskAsync(command, mayBeRefused: false);

    /// <summary>Sends commands that are answered by pushes, or refused, and a ping, and waits until all are answered.</summary>
    /// <param name="commands">Any number; copied before this returns.</param>
    /// <returns>The first refusal, or the ping's answer if nothing was refused.</returns>
    /// <inheritdoc cref="AskAsync(ReadOnlySpan{byte})"/>
    public Task<RespValue> AskForPushesAsync(ReadOnlySpan<byte> commands) => AskAsync([.. commands, .. Ping], mayBeRefused: true);

    /// <summary>Sends one command that is answered by pushes only.</summary>
    /// <inheritdoc cref="AskAsync(ReadOnlySpan{byte})"/>
    public void Send(ReadOnlySpan<byte> command)
    {
        lock (_gate)
        {
            ThrowIfOver();
            Write(command);
        }
    }

    /// <summary>Ends it.</summary>
    /// <param name="fault">The failure of commands that wait.</param>
    public void End(string fault)
    {
        Fail(new StoreUnavailableException(fault));
        _ending.TrySetResult();
    }

    public async ValueTask DisposeAsync()
    {
        End($"the connection to Redis ({_name}) was closed");
        await Ended;
    }

    private Task<RespValue> AskAsync(ReadOnlySpan<byte> commands, bool mayBeRefused)
    {
        var answer = new TaskCompletionSource<RespValue>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            ThrowIfOver();
            _unanswered.Enqueue(new(answer, Stopwatch.GetTimestamp(), mayBeRefused));
            Write(commands);
        }

        return answer.Task;
    }

    private void ThrowIfOver()
    {
        if (_fault is not null)
        {
            throw new StoreUnavailableException(_fault.Message, _fault);
        }
    }

    private void Write(ReadOnlySpan<byte> command)
    {
        _output.Writer.Write(command);

        // Without a threshold the pipe never makes its writer wait.
        var flush = _output.Writer.FlushAsync();
        Debug.Assert(flush.IsCompleted, "The pipe has no threshold.");
    }

    private async Task RunAsync()
    {
        using var stop = new CancellationTokenSource();
        Task[] parts = [ReadAsync(stop.Token), SendAsync(stop.Token), WatchAsync(stop.Token)];
        var first = await Task.WhenAny([.. parts, _ending.Task]);
        Fail(FaultOf(first.Exception?.InnerException));
        await stop.CancelAsync();
        await _stream.DisposeAsync();
        await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _output.Writer.CompleteAsync();
        await _output.Reader.CompleteAsync();
    }

    private StoreUnavailableException FaultOf(Exception? exception) => exception switch
    {
        StoreUnavailableException fault => fault,
        InvalidDataException or IOException or SocketException => new($"Redis ({_name}) cannot be used now: {exception.Message}", exception),
        _ => new($"the connection to Redis ({_name}) has ended", exception ?? new OperationCanceledException()),
    };

    private void Fail(StoreUnavailableException fault)
    {
        Question[] lost;
        lock (_gate)
        {
            _fault ??= fault;
            lost = [.. _unanswered];
            _unanswered.Clear();
        }

        foreach (var question in lost)
        {
            question.Answer.TrySetException(fault);
        }
    }

    private async Task SendAsync(CancellationToken stop)
    {
        while (true)
        {
            var gathered = await _output.Reader.ReadAsync(stop);
            foreach (var segment in gathered.Buffer)
            {
                await _stream.WriteAsync(segment, stop);
            }

            _output.Reader.AdvanceTo(gathered.Buffer.End);
        }
    }

    private async Task ReadAsync(CancellationToken stop)
    {
        var buffer = new RespBuffer();
        while (true)
        {
            while (buffer.TryTake(out var frame))
            {
                if (RespFrame.IsPush(frame.Span))
                {
                    await HandlePushAsync(frame);
                }
                else
                {
                    Answer(new RespReader(frame.Span).Read());
                }
            }

            var count = await _stream.ReadAsync(buffer.Free, stop);
            buffer.Add(count > 0 ? count : throw new IOException("the server has closed the connection"));
        }
    }

    private async ValueTask HandlePushAsync(ReadOnlyMemory<byte> frame)
    {
        var taking = _pushes?.Invoke(frame) ?? ValueTask.CompletedTask;
        if (!taking.IsCompletedSuccessfully)
        {
            // Not the server is slow, but this broker.
            Volatile.Write(ref _isStalled, true);
            await taking;
            Volatile.Write(ref _goesOnAt, Stopwatch.GetTimestamp());
            Volatile.Write(ref _isStalled, false);
        }
    }

    private void Answer(RespValue value)
    {
        Question question;
        lock (_gate)
        {
            if (!_unanswered.TryPeek(out question))
            {
                throw new InvalidDataException($"the server sent an answer to no command: {value}");
            }

            if (question.MayBeRefused && value.Kind is RespKind.Error)
            {
                // The ping's answer follows.
                _refusal ??= value;
                return;
            }

            _unanswered.Dequeue();
        }

        Volatile.Write(ref _answeredAt, question.AskedAt);
        question.Answer.SetResult(_refusal ?? value);
        _refusal = null;
    }

    private async Task WatchAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(PingInterval);
        while (await timer.WaitForNextTickAsync(stop))
        {
            long? askedAt;
            lock (_gate)
            {
                askedAt = _unanswered.TryPeek(out var oldest) ? oldest.AskedAt : null;
            }

            if (askedAt is null)
            {
                // A failure is noticed by its age, and by the reader.
                _ = AskAsync(Ping);
            }
            else if (!Volatile.Read(ref _isStalled) && Stopwatch.GetElapsedTime(Math.Max(askedAt.Value, Volatile.Read(ref _goesOnAt))) > _answerLimit)
            {
                throw new StoreUnavailableException($"Redis ({_name}) does not answer");
            }
        }
    }

    /// <param name="Answer">Completed on another thread than the reader's.</param>
    /// <param name="AskedAt">Timestamp of the system.</param>
    /// <param name="MayBeRefused">Errors before the answer belong to it.</param>
    private readonly record struct Question(TaskCompletionSource<RespValue> Answer, long AskedAt, bool MayBeRefused);
}
