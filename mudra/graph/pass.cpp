#include "mudra/graph/pass.hpp"

#include "mudra/graph/verify.hpp"

namespace mudra::graph {

Graph after_passes(Graph graph, std::initializer_list<Pass> passes) {
  for (const Pass& pass : passes) {
    pass.change(graph);
    verify(graph, pass.name);
  }
  return graph;
}

}  // namespace mudra::graph
