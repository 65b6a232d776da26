package entra

// A Source is where tokens come from.
type Source int

// The sources. The zero Source is not known.
const (
	FromAuthority Source = 1 + iota // Microsoft Entra ID itself
	FromCLI                         // the Azure CLI
	FromVM                          // the instance metadata service of a VM, a scale set or AKS
	FromAppService
	FromArc
	FromServiceFabric
	FromMachineLearning
	FromCloudShell
)

var sourceNames = [...]string{
	"an unknown source", "Microsoft Entra ID", "the Azure CLI", "the VM's metadata service", "App Service", "Azure Arc", "Service Fabric", "Azure Machine Learning", "Cloud Shell",
}

// String names the source as part of a sentence.
func (s Source) String() string {
	if s < 0 || int(s) >= len(sourceNames) {
		s = 0
	}
	return sourceNames[s]
}

// Managed reports whether managed identities come from s.
func (s Source) Managed() bool { return s >= FromVM && s <= FromCloudShell }
