using System.Buffers;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Api.Server;

/// <summary>Several calls in one: <c>{"commands":[{METHOD:PARAMETERS}],"parallel":BOOL}</c>.</summary>
internal sealed class ServerApiBatch(ServerApiMethods methods)
{
    // The maximum number of calls that run simultaneously.
    private const int AtOnce = 64;

    private static readonly (string Method, ServerApiCall Call) Unknown = ("error", () => new(ErrorCode.MethodNotFound));

    /// <summary>What a batch answers in place of a call that names no method.</summary>
    public static ServerApiCall NoMethod => Unknown.Call;

    /// <summary>Carries out calls in order, or in parallel; each has its own answer.</summary>
    public static ValueTask<IReadOnlyList<ServerApiAnswer>> RunAsync(IEnumerable<ServerApiCall> calls, bool isParallel) =>
        isParallel ? RunInParallelAsync(calls) : RunInOrderAsync(calls);

    private static async ValueTask<IReadOnlyList<ServerApiAnswer>> RunInOrderAsync(IEnumerable<ServerApiCall> calls)
    {
        var answers = new List<ServerApiAnswer>();
        foreach (var call in calls)
        {
            answers.Add(await ServerApiMethods.TryAsync(call));
        }

        return answers;
    }

    private static async ValueTask<IReadOnlyList<ServerApiAnswer>> RunInParallelAsync(IEnumerable<ServerApiCall> calls)
    {
        var answers = new List<ServerApiAnswer>();
        foreach (var some in calls.Chunk(AtOnce))
        {
            answers.AddRange(await Task.WhenAll(some.Select(call => ServerApiMethods.TryAsync(call).AsTask())));
        }

        return answers;
    }

    /// <summary>Carries out the calls in order, or in parallel.</summary>
    /// <returns>False when the parameters of any call are malformed: then none has been carried out.</returns>
    public async ValueTask<bool> TryRunAsync(JsonFields fields, IBufferWriter<byte> output)
    {
        var isParallel = fields.Flag("parallel");
        var calls = fields.Objects("commands").Select(command => Read(fields, command)).ToList();
        if (fields.IsMalformed)
        {
            return false;
        }

        Write(output, calls, await RunAsync(calls.Select(call => call.Call), isParallel));
        return true;
    }

    private (string Method, ServerApiCall Call) Read(JsonFields batch, JsonFields command)
    {
        foreach (var name in command.Names)
        {
            if (methods.TryFind(name, out var method) && command.Object(name) is { } parameters)
            {
                var call = method(parameters);
                batch.Adopt(parameters);
                return (name.ToLowerInvariant(), call);
            }
        }

        batch.Adopt(command);
        return Unknown;
    }

    // {"replies":[{METHOD:{…}},{"error":{…}}]}, or {} without any.
    private static void Write(IBufferWriter<byte> output, List<(string Method, ServerApiCall Call)> calls, IReadOnlyList<ServerApiAnswer> answers)
    {
        output.Write(calls.Count == 0 ? "{"u8 : "{\"replies\":["u8);
        for (var i = 0; i < calls.Count; i++)
        {
            output.Write(i == 0 ? "{"u8 : ",{"u8);
            answers[i].WriteNamed(output, calls[i].Method);
            output.Write("}"u8);
        }

        output.Write(calls.Count == 0 ? "}"u8 : "]}"u8);
    }
}
