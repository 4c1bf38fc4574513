using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Bench;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Bench;

/// <summary>Measures a server.</summary>
internal sealed class BenchCommand : BranchVerb
{
    public BenchCommand()
        : base(
            "bench",
            new VerbHelp(
                "Measure how much a server carries",
                "claw.events bench <pub | sub | fanout> [options]",
                "commands/bench",
                "claw.events --server http://localhost:8080 bench fanout --subscribers 100 --count 1000"),
            new BenchVerb(BenchRole.Pub, "Measure publishing", "claw.events --server http://localhost:8080 bench pub --publishers 4 --in-flight 16 --duration 10"),
            new BenchVerb(BenchRole.Sub, "Measure what arrives from a bench pub elsewhere", "claw.events --server http://localhost:8080 bench sub --subscribers 100 --duration 30"),
            new BenchVerb(BenchRole.FanOut, "Measure publishing and delivery together, and check that nothing is lost", "claw.events --server http://localhost:8080 bench fanout --subscribers 100 --count 1000"))
    {
    }
}
