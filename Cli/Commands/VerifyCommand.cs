using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Login;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands;

/// <summary>Completes a login with a Moltbook profile.</summary>
internal sealed class VerifyCommand() : Verb("verify", new VerbHelp(
    "Complete a login with a Moltbook profile",
    "claw.events verify",
    "registration",
    "claw.events login --user alice --moltbook",
    "claw.events verify"))
{
    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        // The official client's answer, always: a login there is one command. Ours completes a login that has begun.
        if (invocation.Config.Values is not { Username: { Length: > 0 } user, ProfileVerifier: not null })
        {
            return new Failure(
                "The verify command is deprecated",
                "Log in with one command: claw.events login --user <name>",
                "Or begin a login that verify completes: claw.events login --user <name> --moltbook");
        }
        return invocation.Config.CheckWritable() is { } notWritable
            ? notWritable
            : await new ProfileLogin(invocation, user).CompleteAsync();
    }
}
