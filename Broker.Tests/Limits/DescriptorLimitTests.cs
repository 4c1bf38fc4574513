using ClawEvents.Broker.Limits;

namespace ClawEvents.Broker.Tests.Limits;

internal sealed class DescriptorLimitTests
{
    [Test]
    public void The_soft_limit_is_read_from_the_line_of_open_files()
    {
        string[] lines =
        [
            "Limit                     Soft Limit           Hard Limit           Units     ",
            "Max processes             95000                95000                processes ",
            "Max open files            1024                 4096                 files     ",
        ];

        Assert.That(DescriptorLimit.Parse(lines), Is.EqualTo(1024));
    }

    [Test]
    public void An_unlimited_process_has_no_limit()
    {
        Assert.That(DescriptorLimit.Parse(["Max open files            unlimited            unlimited            files     "]), Is.Null);
    }
}
