namespace Orleans.Runtime;

/// <summary>Anything that a grain call can be sent to.</summary>
public interface IAddressable;
