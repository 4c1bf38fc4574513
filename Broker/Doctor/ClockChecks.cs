using System.Globalization;
using System.Runtime.InteropServices;

namespace ClawEvents.Broker.Doctor;

/// <summary>A time that another machine has told.</summary>
/// <param name="Source">Who told it.</param>
/// <param name="Skew">What this machine's clock is ahead of it.</param>
/// <param name="Error">The skew may be off by this.</param>
internal readonly record struct ToldTime(string Source, TimeSpan Skew, TimeSpan Error)
{
    /// <param name="asked">This machine's time before the question.</param>
    /// <param name="answered">After the answer.</param>
    /// <param name="resolution">The told time was cut to this.</param>
    public static ToldTime Of(string source, DateTimeOffset asked, DateTimeOffset told, DateTimeOffset answered, TimeSpan resolution) =>
        new(source, asked + ((answered - asked) / 2) - told - (resolution / 2), ((answered - asked) / 2) + (resolution / 2));

    /// <summary>The least difference that there has to be.</summary>
    public TimeSpan Least => TimeSpan.FromTicks(Math.Max(0, Skew.Duration().Ticks - Error.Ticks));
}

/// <summary>Compares the clock with those of others: tokens end by it, without leeway, and nodes order by it.</summary>
internal static partial class ClockChecks
{
    private static readonly TimeSpan Noticeable = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Wrong = TimeSpan.FromSeconds(5);

    // adjtimex(2): the size of struct timex on 64-bit Linux is 208, and 5 is TIME_ERROR.
    private const int TimexBytes = 256;
    private const int TimeError = 5;

    public static IEnumerable<Finding> Run(IReadOnlyList<ToldTime> others) => [.. others.Select(Compare).DefaultIfEmpty(Finding.Skipped("clock", "nobody to compare it with: Redis, an issuer, a back end or --url would tell the time")), Synchronized()];

    private static Finding Compare(ToldTime other)
    {
        const string check = "clock";
        const string advice = "synchronize the clocks of both machines (timedatectl set-ntp true); tokens are refused, and end, at wrong times";
        var text = string.Create(CultureInfo.InvariantCulture, $"{other.Skew.Duration().TotalSeconds:0.0} s {(other.Skew < TimeSpan.Zero ? "behind" : "ahead of")} that of {other.Source}");
        return other.Least > Wrong ? Finding.Fault(check, text, advice) : other.Least > Noticeable ? Finding.Warning(check, text, advice) : Finding.Ok(check, $"as that of {other.Source}");
    }

    private static unsafe Finding Synchronized()
    {
        const string check = "clock-sync";
        if (!OperatingSystem.IsLinux())
        {
            return Finding.Skipped(check, "only Linux is asked");
        }

        // All zero: nothing is set.
        var timex = stackalloc byte[TimexBytes];
        new Span<byte>(timex, TimexBytes).Clear();
        return AskKernel(timex) switch
        {
            < 0 => Finding.Skipped(check, "the kernel does not tell"),
            TimeError => Finding.Warning(check, "the kernel's clock is not synchronized", "run an NTP client on the machine (systemd-timesyncd, chrony)"),
            _ => Finding.Ok(check, "the kernel's clock is synchronized"),
        };
    }

    [LibraryImport("libc", EntryPoint = "adjtimex")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial int AskKernel(byte* timex);
}
