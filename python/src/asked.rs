//! What can be asked of all spans so far, whoever has them.

/// The questions of a trace, for a class that has one by now.
macro_rules! asked {
    ($class:ident) => {
        #[pyo3::pymethods]
        impl $class {
            /// All spans so far: those that ended, in that order, then the open ones.
            fn trace(&self, py: pyo3::Python<'_>) -> pyo3::PyResult<$crate::trace::PyTrace> {
                self.now(py)
            }

            /// Raises AssertionError with the report unless all spans so far are as all of these say.
            #[pyo3(signature = (*expectations))]
            fn expect(
                &self,
                py: pyo3::Python<'_>,
                expectations: &pyo3::Bound<'_, pyo3::types::PyTuple>,
            ) -> pyo3::PyResult<()> {
                self.now(py)?.must_be(py, expectations)
            }

            /// Raises AssertionError with the report unless all spans so far are exactly the trees of a text.
            fn expect_tree(&self, py: pyo3::Python<'_>, text: &str) -> pyo3::PyResult<()> {
                self.now(py)?.must_be_tree(py, text)
            }

            /// Why the spans so far are not as all of these say; None if they are.
            #[pyo3(signature = (*expectations))]
            fn check(
                &self,
                py: pyo3::Python<'_>,
                expectations: &pyo3::Bound<'_, pyo3::types::PyTuple>,
            ) -> pyo3::PyResult<Option<$crate::mismatch::PyMismatch>> {
                self.now(py)?.why_not(py, expectations)
            }

            /// The answer to a query in TraceQL.
            fn query(&self, py: pyo3::Python<'_>, traceql: &str) -> pyo3::PyResult<$crate::query::PyAnswer> {
                $crate::query::answer(py, &self.now(py)?.0, traceql)
            }

            /// The spans so far that are as an expectation says.
            fn matching(
                &self,
                py: pyo3::Python<'_>,
                of: pyo3::PyRef<'_, $crate::span::PySpan>,
            ) -> pyo3::PyResult<Vec<$crate::record::PySpanRecord>> {
                self.now(py)?.that_match(py, &of)
            }

            /// The spans so far with one tree of each run of bluesky.
            fn grouped_by_run(&self, py: pyo3::Python<'_>) -> pyo3::PyResult<$crate::trace::PyTrace> {
                Ok($crate::trace::PyTrace(self.now(py)?.0.grouped_by_run().trace))
            }

            /// The spans so far as a tree, for people.
            #[pyo3(signature = (**options))]
            fn draw<'py>(
                &self,
                py: pyo3::Python<'py>,
                options: Option<&pyo3::Bound<'py, pyo3::types::PyDict>>,
            ) -> pyo3::PyResult<pyo3::Bound<'py, pyo3::PyAny>> {
                self.now(py)?.into_pyobject(py)?.call_method("draw", (), options)
            }

            /// The spans so far as a text that `expect_tree` takes.
            #[pyo3(signature = (**options))]
            fn tree_text<'py>(
                &self,
                py: pyo3::Python<'py>,
                options: Option<&pyo3::Bound<'py, pyo3::types::PyDict>>,
            ) -> pyo3::PyResult<pyo3::Bound<'py, pyo3::PyAny>> {
                self.now(py)?.into_pyobject(py)?.call_method("tree_text", (), options)
            }

            /// The text of the spans so far that stays the same from run to run.
            #[pyo3(signature = (**options))]
            fn shape<'py>(
                &self,
                py: pyo3::Python<'py>,
                options: Option<&pyo3::Bound<'py, pyo3::types::PyDict>>,
            ) -> pyo3::PyResult<pyo3::Bound<'py, pyo3::PyAny>> {
                self.now(py)?.into_pyobject(py)?.call_method("shape", (), options)
            }

            fn __getitem__(&self, py: pyo3::Python<'_>, at: isize) -> pyo3::PyResult<$crate::record::PySpanRecord> {
                let trace = self.now(py)?.0;
                $crate::trace::item(trace.spans().map($crate::record::PySpanRecord::of), at)
            }

            fn __iter__<'py>(
                &self,
                py: pyo3::Python<'py>,
            ) -> pyo3::PyResult<pyo3::Bound<'py, pyo3::types::PyIterator>> {
                $crate::trace::iterator(py, self.now(py)?.records())
            }

            fn __str__(&self, py: pyo3::Python<'_>) -> pyo3::PyResult<String> {
                Ok(self.now(py)?.0.draw().to_string())
            }
        }
    };
}

pub(crate) use asked;
