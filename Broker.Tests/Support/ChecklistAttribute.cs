namespace ClawEvents.Broker.Tests.Support;

/// <summary>Says which statements of docs/reference/compatibility.md a test proves.</summary>
/// <param name="statements">Their numbers on that page.</param>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class, AllowMultiple = false, Inherited = true)]
internal sealed class ChecklistAttribute(params int[] statements) : Attribute
{
    public IReadOnlyList<int> Statements => statements;
}
