using System.Diagnostics;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace ClawEvents.Broker.Tests.Fuzz;

/// <summary>Runs a target with inputs that grow out of those that reached something new, until the time is over or one fails.</summary>
/// <param name="current">Always has the input that is being handled, in case the process does not survive it.</param>
internal sealed class FuzzLoop(FuzzTarget target, FuzzCoverage coverage, TextWriter output, SafeFileHandle current)
{
    // An input that costs more processor time hangs; on a busy machine any may take longer by the clock.
    private static readonly TimeSpan MaxRun = TimeSpan.FromSeconds(5);

    private readonly List<byte[]> _corpus = [[]];
    private readonly List<byte[]> _found = [];
    private byte[] _input = [];
    private long _runs;
    private long _begun;

    /// <summary>Inputs that reached something that the corpus does not.</summary>
    public IReadOnlyList<byte[]> Found => _found;

    /// <param name="corpus">The inputs to begin with.</param>
    /// <returns>Whether every input was handled.</returns>
    public bool Run(IEnumerable<byte[]> corpus, TimeSpan time)
    {
        using var watch = new Timer(_ => ExitIfHanging(), null, MaxRun, MaxRun);
        var (random, end) = (new Random(), Stopwatch.StartNew());
        var isHandled = corpus.All(TryHandle);
        var mutator = new FuzzMutator(random, _corpus, target.Words);
        _found.Clear();
        while (isHandled && end.Elapsed < time)
        {
            isHandled = TryHandle(mutator.Next());
        }

        Interlocked.Exchange(ref _begun, 0);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target.Name}: {_runs} inputs, {coverage.Edges} edges, {_found.Count} inputs that reached something new"));
        return isHandled;
    }

    private bool TryHandle(byte[] input)
    {
        _input = input;
        _runs++;
        Interlocked.Exchange(ref _begun, Environment.CpuUsage.TotalTime.Ticks);
        RandomAccess.SetLength(current, input.Length);
        RandomAccess.Write(current, input, fileOffset: 0);
        coverage.Begin();
        try
        {
            target.Run(input);
        }
        catch (Exception exception)
        {
            Report(exception.ToString());
            return false;
        }

        if (coverage.TookNewEdge())
        {
            _corpus.Add(input);
            _found.Add(input);
        }

        return true;
    }

    private void ExitIfHanging()
    {
        if (Interlocked.Read(ref _begun) is var begun and > 0 && Environment.CpuUsage.TotalTime.Ticks - begun > MaxRun.Ticks)
        {
            Report($"It takes more than {MaxRun.TotalSeconds} s of processor time.");
            Environment.Exit(1);
        }
    }

    private void Report(string fault) => output.WriteLine(Describe(target.Name, _input, fault));

    /// <summary>The report about an input that was not handled.</summary>
    public static string Describe(string name, byte[] input, string fault) => $"{name}: an input of {input.Length} bytes is not handled, in base64: {Convert.ToBase64String(input)}\n{fault}";
}
